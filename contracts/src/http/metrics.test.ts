import { describe, expect, it } from 'vitest';
import { hostMetricNames } from '../metrics/host-metrics.ts';
import {
  getAgentMetrics,
  getContainerMetrics,
  getFleetMetrics,
  getSeriesMetrics,
  MAX_COMPARED,
  MAX_METRICS_PER_QUERY,
} from './metrics.ts';

const ID = '01890a5d-ac96-774b-bcce-b302099a8057';
/** So many different ids. */
const ids = (count: number) =>
  Array.from({ length: count }, (_, index) => `01890a5d-ac96-774b-bcce-${index.toString(16).padStart(12, '0')}`);

describe('a query for metrics', () => {
  it('asks for the usual figures as JSON when it says nothing', () => {
    expect(getAgentMetrics.query.parse({})).toEqual({
      step: 'auto',
      format: 'json',
      metrics: ['cpuPercent', 'memoryUsedBytes', 'memoryTotalBytes'],
    });
  });

  it('has lists with commas, each name once', () => {
    const query = { containers: `web, ${ID},web`, metrics: 'cpuPercent, cpuPercent,pids' };
    expect(getContainerMetrics.query.parse(query)).toMatchObject({
      containers: ['web', ID],
      metrics: ['cpuPercent', 'pids'],
    });
  });

  it.each([
    ['a range that has no name', { range: '2h' }],
    ['a time without a zone', { from: '2026-01-01T00:00:00' }],
    ['a day', { from: '2026-01-01' }],
    ['a number of seconds', { from: '1767225600' }],
    ['a step of half a second', { step: '500' }],
    ['a step in words', { step: '1m' }],
    ['a step of years', { step: String(400 * 86_400_000) }],
    ['an unknown figure', { metrics: 'cpuPercent,password' }],
    ['a figure of containers', { metrics: 'memoryLimitBytes;drop' }],
    ['no figure', { metrics: '' }],
    ['two lists', { metrics: ['cpuPercent', 'load1'] }],
    ['another format', { format: 'xml' }],
    ['a field that is not known', { metric: 'cpuPercent' }],
  ])('is refused with %s', (_, query) => {
    expect(getAgentMetrics.query.safeParse(query).success).toBe(false);
  });

  it.each([['2026-01-01T00:00:00Z'], ['2026-01-01T00:00:00.123Z'], ['2026-01-01T02:00:00+02:00']])(
    'takes the time %s',
    (from) => {
      expect(getAgentMetrics.query.parse({ from, step: '15000' })).toMatchObject({ from, step: 15_000 });
    },
  );

  it('takes all figures at once', () => {
    expect(getAgentMetrics.query.parse({ metrics: hostMetricNames.join() }).metrics).toEqual(hostMetricNames);
  });

  it('is bounded in containers and nodes', () => {
    for (const [count, taken] of [
      [MAX_COMPARED, true],
      [MAX_COMPARED + 1, false],
    ] as const) {
      expect(getContainerMetrics.query.safeParse({ containers: ids(count).join() }).success).toBe(taken);
      expect(getFleetMetrics.query.safeParse({ agents: ids(count).join() }).success).toBe(taken);
    }
  });

  it('for series has so many names at most', () => {
    const names = Array.from({ length: MAX_METRICS_PER_QUERY + 1 }, (_, index) => `queue.${index}`);
    expect(getSeriesMetrics.query.safeParse({ names }).success).toBe(false);
    expect(getSeriesMetrics.query.safeParse({ names: names.slice(1) }).success).toBe(true);
  });

  it.each([
    ['one name', 'queue.length', ['queue.length']],
    ['a name with a comma', 'http_requests{code="200",method="GET"}', ['http_requests{code="200",method="GET"}']],
    ['several names', ['a', 'b'], ['a', 'b']],
  ])('for series has %s', (_, names, parsed) => {
    expect(getSeriesMetrics.query.parse({ names })).toMatchObject({ names: parsed });
  });
});
