import { afterEach, describe, expect, it } from 'vitest';
import { createProcessMetrics, type ProcessMetrics } from './process-metrics.ts';

let metrics: ProcessMetrics | null = null;
afterEach(() => metrics?.close());

function create(): ProcessMetrics {
  metrics = createProcessMetrics('test');
  return metrics;
}

describe('createProcessMetrics', () => {
  it('tells what every process has', async () => {
    const text = await create().render();
    expect(text).toMatch(/^process_resident_memory_bytes\{process="test"\} \d{7,}$/m);
    expect(text).toMatch(/^process_cpu_seconds_total\{process="test"\} \d/m);
  });

  it('reads figures when it is asked, and leaves out what is not known', async () => {
    const { addFigures, render } = create();
    let rows = 3;
    let lagMs: number | null = null;
    addFigures([
      { name: 'rows_total', help: 'Rows', type: 'counter', read: () => rows, labels: { table: 'a' } },
      { name: 'rows_total', help: 'Rows', type: 'counter', read: () => 1, labels: { table: 'b' } },
      { name: 'lag_seconds', help: 'Lag', type: 'gauge', read: () => lagMs },
    ]);
    expect(await render()).toContain('rows_total{table="a",process="test"} 3');
    expect(await render()).not.toMatch(/^lag_seconds/m);
    rows = 5;
    lagMs = 0;
    const text = await render();
    expect(text).toContain('rows_total{table="a",process="test"} 5');
    expect(text).toContain('rows_total{table="b",process="test"} 1');
    expect(text).toContain('lag_seconds{process="test"} 0');
  });
});
