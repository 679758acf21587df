import type { TrafficTotal } from '@flotilla/contracts';
import { describe, expect, it } from 'vitest';
import { planChange, planSummary } from './plan-summary.ts';
import { planTops } from './plan-tops.ts';
import { planTrafficCharts } from './plan-traffic-charts.ts';

const LATENCIES = { p50: null, p90: null, p95: null, p99: null };
const totalOf = (change: Partial<TrafficTotal> = {}): TrafficTotal => ({
  from: '2026-01-01T00:00:00Z',
  to: '2026-01-01T01:00:00Z',
  knownMs: 0,
  requests: 0,
  requestsPerSecond: null,
  bytesSent: 0,
  statusClasses: { '1xx': 0, '2xx': 0, '3xx': 0, '4xx': 0, '5xx': 0, other: 0 },
  statuses: [],
  methods: { GET: 0, HEAD: 0, POST: 0, PUT: 0, PATCH: 0, DELETE: 0, OPTIONS: 0, other: 0 },
  protocols: { 'HTTP/1.0': 0, 'HTTP/1.1': 0, 'HTTP/2.0': 0, 'HTTP/3.0': 0, other: 0 },
  latency: LATENCIES,
  upstreamLatency: LATENCIES,
  ...change,
});

describe('charts', () => {
  it('show counts by the second, latencies as they are, and gaps as gaps', () => {
    const lines = Object.fromEntries(
      ['requests', 'bytesSent', '1xx', '2xx', '3xx', '4xx', '5xx', 'other', 'latencyP50', 'latencyP90', 'latencyP95', 'latencyP99', 'upstreamP50', 'upstreamP95'].map((name) => [name, [120, null, 0]]),
    ) as Parameters<typeof planTrafficCharts>[0]['lines']; // prettier-ignore
    const answer = {
      from: '2026-01-01T00:00:00Z',
      to: '2026-01-01T00:03:00Z',
      stepMs: 60_000,
      times: [0, 1, 2],
      lines,
    };
    const charts = planTrafficCharts(answer, (text) => text);
    const read = (metric: string) => charts.find((chart) => chart.metric === metric)?.lines[0]?.avg;
    expect(read('requests')).toEqual([2, null, 0]);
    expect(read('latency')).toEqual([120, null, 0]);
    expect(charts.map(({ title }) => title)).toContain('charts.answers');
  });
});

describe('summary', () => {
  it('does not know what nobody told', () => {
    expect(planSummary(totalOf(), totalOf()).map(({ value }) => value)).toEqual([null, null, null, null, null]);
  });

  it('tells shares of what came, and by the second of what is known', () => {
    const total = totalOf({
      knownMs: 10_000,
      requests: 200,
      requestsPerSecond: 20,
      bytesSent: 50_000,
      statusClasses: { '1xx': 0, '2xx': 180, '3xx': 0, '4xx': 16, '5xx': 4, other: 0 },
      latency: { ...LATENCIES, p95: 40 },
    });
    expect(planSummary(total, totalOf()).map(({ value }) => value)).toEqual([20, 2, 8, 40, 5000]);
  });

  it.each([
    [30, 20, 0.5],
    [10, 20, -0.5],
    [10, 0, null],
    [null, 10, null],
    [10, null, null],
  ])('of %s after %s is a change of %s', (value, before, change) => expect(planChange({ value, before })).toBe(change));
});

describe('lists', () => {
  it('leave out what is empty, and tell the share of all', () => {
    const paths = { entries: [{ key: '/', count: 30, error: 2 }], total: 60, othersAtMost: 5 };
    const empty = { entries: [], total: 0, othersAtMost: 0 };
    const total = totalOf({ requests: 60, statuses: [{ status: 200, count: 45 }, { status: 404, count: 15 }] }); // prettier-ignore
    expect(planTops({ paths, referrers: empty }, total)).toEqual([
      { name: 'paths', rows: [{ key: '/', count: 30, error: 2, share: 0.5 }] },
      {
        name: 'statuses',
        rows: [
          { key: '200', count: 45, error: 0, share: 0.75 },
          { key: '404', count: 15, error: 0, share: 0.25 },
        ],
      },
    ]);
  });
});
