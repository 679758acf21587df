/** More than an application of usual size tells; each series is stored every 15 s for days. */
export const MAX_SERIES_PER_CONTAINER = 500;

/** Figures of one answer. */
export interface CustomReading {
  readonly series: readonly (readonly [name: string, value: number])[];
  /** What was there and is not kept: beyond the bound, names that are too long or came twice, lines that are wrong. */
  readonly left: number;
}

export type ParsedAnswer =
  { readonly ok: true; readonly reading: CustomReading } | { readonly ok: false; readonly reason: string };

/** Gathers the series of one answer within the bounds; of a name that comes twice the first counts. */
export class SeriesGatherer {
  readonly #series: [string, number][] = [];
  readonly #names = new Set<string>();
  left = 0;

  /** Nothing more is kept, so names need not be formatted. */
  get isFull(): boolean {
    return this.#series.length >= MAX_SERIES_PER_CONTAINER;
  }

  get reading(): CustomReading {
    return { series: this.#series, left: this.left };
  }

  /** @param name null for one that cannot be one */
  add(name: string | null, value: number): void {
    if (name === null || this.isFull || this.#names.has(name)) {
      this.left += 1;
      return;
    }
    this.#names.add(name);
    this.#series.push([name, value]);
  }
}
