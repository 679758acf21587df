import { consumerReport } from '@flotilla/contracts';
import { describe, expect, it } from 'vitest';
import { ConsumerFigures } from './consumer-figures.ts';

describe('ConsumerFigures', () => {
  it('knows nothing of batches before the first one', () => {
    const report = new ConsumerFigures({ stream: 'S', consumer: 'c' }).report();
    expect(report).toMatchObject({ messages: 0, batchSize: null, batchMs: null, lagMs: null });
    expect(consumerReport.parse(report)).toEqual(report);
  });

  it('counts, and remembers the last hundred batches', () => {
    const figures = new ConsumerFigures({ stream: 'S', consumer: 'c' });
    figures.addBatch({ messages: 10_000, durationMs: 9000 });
    for (let durationMs = 1; durationMs <= 100; durationMs += 1) figures.addBatch({ messages: 5, durationMs });
    figures.add({ messages: 3, rows: 7 });
    figures.add({ rows: 1 });
    figures.setLag(-5);
    expect(figures.report()).toMatchObject({
      messages: 3,
      rows: 8,
      batches: 101,
      batchSize: { p50: 5, max: 5 },
      batchMs: { p50: 50, p99: 99 },
      lagMs: 0,
    });
  });
});
