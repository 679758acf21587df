import { describe, expect, it } from 'vitest';
import { LatencyHistogram } from './latency-histogram.ts';

function fill(latencies: readonly number[]): LatencyHistogram {
  const histogram = new LatencyHistogram();
  for (const latency of latencies) histogram.add(latency);
  return histogram;
}

/** As the percentile is defined: the nearest rank. */
function exactQuantile(latencies: readonly number[], quantile: number): number {
  const sorted = latencies.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(quantile * sorted.length) - 1)] ?? 0;
}

describe('LatencyHistogram', () => {
  it.each<[string, number[]]>([
    ['one', [17]],
    ['zeros', [0, 0, 0]],
    ['each length up to 5 s', Array.from({ length: 5000 }, (_, index) => index)],
    [
      'powers of two and their neighbours',
      Array.from({ length: 30 }, (_, bit) => 2 ** bit).flatMap((n) => [n - 1, n, n]),
    ],
    ['a slow twentieth', [...Array<number>(94).fill(12), ...Array<number>(6).fill(4321)]],
    ['hours', [3_600_000, 7_200_000, 86_400_000]],
  ])('is right to 2 %% for %s', (_, latencies) => {
    const histogram = fill(latencies);
    for (const quantile of [0, 0.5, 0.9, 0.95, 0.99, 1]) {
      const exact = exactQuantile(latencies, quantile);
      const told = histogram.readQuantile(quantile) ?? Number.NaN;
      expect(Math.abs(told - exact), `${quantile}: ${told} for ${exact}`).toBeLessThanOrEqual(exact * 0.02);
    }
  });

  it('knows none without any, also after it was cleared', () => {
    const histogram = fill([1, 100, 10_000]);
    histogram.clear();
    expect(histogram.readQuantile(0.95)).toBeNull();
    histogram.add(5);
    expect(histogram.readQuantile(0.95)).toBe(5);
  });

  it('counts what is beyond all bounds as the longest', () => {
    expect(fill([2 ** 40]).readQuantile(0.5)).toBeGreaterThan(2 ** 29);
  });

  it('is the same merged, by way of JSON, as counted at once', () => {
    const latencies = Array.from({ length: 3000 }, (_, index) => (index * index) % 100_003);
    const merged = new LatencyHistogram();
    for (const part of [latencies.slice(0, 10), latencies.slice(10, 2000), [], latencies.slice(2000)]) {
      merged.addCounts(JSON.parse(JSON.stringify(fill(part).readCounts())));
    }
    expect(merged.readCounts()).toEqual(fill(latencies).readCounts());
    expect(merged.readQuantile(0.95)).toBe(fill(latencies).readQuantile(0.95));
    expect(fill(latencies.slice(1)).readCounts()).not.toEqual(merged.readCounts());
  });

  it('keeps counts beyond 32 bits', () => {
    const histogram = new LatencyHistogram();
    histogram.addCounts([[5, 2 ** 33]]);
    histogram.addCounts([[7, 2 ** 32]]);
    expect(histogram.readQuantile(0.5)).toBe(5);
    expect(histogram.readQuantile(0.9)).toBe(7);
  });

  it.each([-1, 100_000])('refuses bucket %i whole', (bucket) => {
    const histogram = fill([3]);
    expect(() =>
      histogram.addCounts([
        [4, 1],
        [bucket, 1],
      ]),
    ).toThrow(RangeError);
    expect(histogram.readCounts()).toEqual([[3, 1]]);
  });
});
