import type { MetricValue } from '@flotilla/contracts';

/** One step of one ref, as `renderSeriesQuery` says. */
export type PointRow = Readonly<Record<`${'min' | 'max' | 'sum' | 'samples'}${number}`, MetricValue>> & {
  readonly ref: string | number;
  readonly step: number;
};

/** Points of one line: null where nothing is known. Several refs may bring a part of the same point. */
export class LinePoints {
  readonly min: MetricValue[];
  readonly avg: MetricValue[];
  readonly max: MetricValue[];
  readonly #samples: number[];

  constructor(points: number) {
    const gaps = (): MetricValue[] => Array.from({ length: points }, () => null);
    this.min = gaps();
    this.avg = gaps();
    this.max = gaps();
    this.#samples = Array.from({ length: points }, () => 0);
  }

  /** @param column index of the line's figure in the row */
  add(row: PointRow, column: number): void {
    const min = row[`min${column}`] ?? null;
    const max = row[`max${column}`] ?? null;
    const sum = row[`sum${column}`] ?? null;
    const added = row[`samples${column}`] ?? null;
    if (min === null || max === null || sum === null || added === null) return;
    const { step } = row;
    const before = this.#samples[step] ?? 0;
    this.min[step] = Math.min(this.min[step] ?? min, min);
    this.max[step] = Math.max(this.max[step] ?? max, max);
    this.avg[step] = ((this.avg[step] ?? 0) * before + sum) / (before + added);
    this.#samples[step] = before + added;
  }
}
