import type { TrafficSteps, TrafficSum } from '@flotilla/core-db';
import { describe, expect, it } from 'vitest';
import { formatTotal, formatTraffic } from './format-traffic.ts';

const BEGIN_MS = Date.parse('2026-01-01T00:00:00Z');
const STEP_MS = 60_000;

const sumOf = (change: Partial<TrafficSum> = {}): TrafficSum => ({
  requests: 10,
  bytesSent: 1000,
  methods: [9, 0, 1, 0, 0, 0, 0, 0],
  protocols: [0, 10, 0, 0, 0],
  statuses: [[200, 8], [500, 1], [99, 1]], // prettier-ignore
  latency: [[10, 9], [50, 1]], // prettier-ignore
  upstreamLatency: [[5, 8]],
  ...change,
});

function stepsOf(steps: TrafficSteps['steps']): TrafficSteps {
  return {
    from: new Date(BEGIN_MS),
    to: new Date(BEGIN_MS + steps.length * STEP_MS),
    stepMs: STEP_MS,
    resolution: '1m',
    times: steps.map((_, index) => BEGIN_MS + index * STEP_MS),
    steps,
  };
}

const LONG_AFTER = new Date(BEGIN_MS + 3_600_000);

describe('traffic', () => {
  it('adds up what several nodes told of a step', () => {
    const { lines, total } = formatTraffic(stepsOf([[sumOf(), sumOf({ latency: [[300, 10]] })]]), LONG_AFTER);
    expect(lines).toMatchObject({
      requests: [20],
      bytesSent: [2000],
      '2xx': [16],
      '5xx': [2],
      other: [2],
      '4xx': [0],
      latencyP50: [50],
      upstreamP95: [5],
    });
    expect(lines.latencyP99[0]).toBeGreaterThan(294);
    expect(total).toMatchObject({
      knownMs: STEP_MS,
      requests: 20,
      requestsPerSecond: 20 / 60,
      statuses: [
        { status: 200, count: 16 },
        { status: 99, count: 2 },
        { status: 500, count: 2 },
      ],
      methods: { GET: 18, POST: 2 },
      protocols: { 'HTTP/1.1': 20 },
    });
  });

  it('knows the difference between none and unknown', () => {
    const { lines, total } = formatTraffic(stepsOf([[], null, [sumOf()]]), LONG_AFTER);
    expect(lines.requests).toEqual([0, null, 10]);
    expect(lines.latencyP95, 'none has no latency').toEqual([null, null, 50]);
    expect(total).toMatchObject({ knownMs: 2 * STEP_MS, requestsPerSecond: 10 / 120 });
    expect(formatTotal(stepsOf([null]), LONG_AFTER)).toMatchObject({ knownMs: 0, requestsPerSecond: null });
  });

  it('says nothing of a step that is not over', () => {
    const now = new Date(BEGIN_MS + 2 * STEP_MS + 9000);
    const { lines, total } = formatTraffic(stepsOf([[sumOf()], [sumOf()], [sumOf()]]), now);
    expect(lines.requests).toEqual([10, null, null]);
    expect(total).toMatchObject({ knownMs: STEP_MS, requests: 10 });
  });
});
