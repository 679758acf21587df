/** One measured figure, as `--json` prints it. */
export interface Figure {
  readonly figure: string;
  readonly value: number;
  readonly unit: string;
  /** The same figure of the baseline, measured in the same run. */
  readonly baseline: number;
  /** value / baseline. */
  readonly ratio: number;
  /** The target in words, such as `ratio ≥ 0.5`; null for a figure that is only reported. */
  readonly target: string | null;
  readonly pass: boolean;
}

export interface Benchmark {
  readonly description: string;
  /** @param progress takes a line of progress for people */
  readonly run: (progress: (line: string) => void) => Promise<Figure[]>;
}

/** Builds a figure from a value, its baseline and a target. */
export function buildFigure(
  measured: Pick<Figure, 'figure' | 'value' | 'unit' | 'baseline'>,
  target?: { words: string; holds: (value: number, ratio: number) => boolean },
): Figure {
  const ratio = measured.value / measured.baseline;
  return {
    ...measured,
    value: round(measured.value),
    baseline: round(measured.baseline),
    ratio: round(ratio),
    target: target?.words ?? null,
    pass: target === undefined || target.holds(measured.value, ratio),
  };
}

/** Three significant digits below 1000, whole numbers above. */
function round(value: number): number {
  return Math.abs(value) >= 1000 ? Math.round(value) : Number(value.toPrecision(3));
}

/**
 * The value below which the given share of the samples lies (nearest rank).
 * @param share 0 to 1; 0.5 is the median
 * @throws RangeError without samples: a benchmark that measured nothing must not pass
 */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((left, right) => left - right);
  const value = sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))];
  if (value === undefined) throw new RangeError('no samples were measured');
  return value;
}

export function median(samples: readonly number[]): number {
  return percentile(samples, 0.5);
}

export function formatTable(figures: readonly Figure[]): string {
  const header = ['figure', 'value', 'unit', 'baseline', 'ratio', 'target', ''];
  const rows = figures.map((figure) => [
    figure.figure,
    String(figure.value),
    figure.unit,
    String(figure.baseline),
    String(figure.ratio),
    figure.target ?? '–',
    figure.pass ? 'ok' : 'MISSED',
  ]);
  const widths = header.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  return [header, ...rows]
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
