import { containerMetricNames, parseMetricsMessage, type MetricsMessage } from '@flotilla/contracts';
import { describe, expect, it } from 'vitest';
import { MAX_MESSAGE_BYTES, planMessages } from './plan-messages.ts';

const SAMPLED_AT = 1_780_000_000_000;

function buildSample(containers: number, series: number): MetricsMessage {
  const idOf = (index: number): string => index.toString(16).padStart(64, '0');
  return {
    sampledAt: SAMPLED_AT,
    clockOffsetMs: 0,
    host: { cpuPercent: 12.5 },
    containers: {
      metrics: containerMetricNames,
      rows: Array.from({ length: containers }, (_, index) => [
        idOf(index),
        `name-${index}`.padEnd(255, 'x'),
        ...containerMetricNames.map(() => 1),
      ]),
    },
    series: Array.from({ length: series }, (_, index) => [idOf(index), `series.${index}`.padEnd(190, 'x'), index]),
  };
}

function read(bodies: readonly Uint8Array[]) {
  return bodies.map((body) => {
    const parsed = parseMetricsMessage(JSON.parse(Buffer.from(body).toString()));
    if (!parsed.ok) throw new Error(parsed.reason);
    expect(parsed.refused).toBe(0);
    return parsed.sample;
  });
}

describe('planMessages', () => {
  it('makes one message of what fits', () => {
    const sample = buildSample(20, 100);
    const { bodies, left } = planMessages(sample);
    expect(bodies.map((body) => JSON.parse(Buffer.from(body).toString()) as unknown)).toEqual([sample]);
    expect(left).toBe(0);
  });

  it.each([
    [2000, 0],
    [0, 5000],
    [2000, 5000],
  ])('cuts %i containers and %i series into messages that the bus takes, and loses nothing', (containers, series) => {
    const { bodies, left } = planMessages(buildSample(containers, series), 200_000);
    for (const body of bodies) expect(body.length).toBeLessThanOrEqual(200_000);
    const samples = read(bodies);
    expect(samples.map(({ sampledAt }) => sampledAt)).toEqual(samples.map(() => SAMPLED_AT));
    expect(samples.filter(({ host }) => host !== null)).toHaveLength(1);
    expect(new Set(samples.flatMap((sample) => sample.containers.ids)).size).toBe(containers);
    expect(new Set(samples.flatMap((sample) => sample.series.map(({ name }) => name))).size).toBe(series);
    expect(left).toBe(0);
  });

  it('leaves out what the Core would not store, and says how much', () => {
    const { bodies, left } = planMessages(buildSample(2100, 5300));
    for (const body of bodies) expect(body.length).toBeLessThanOrEqual(MAX_MESSAGE_BYTES);
    expect(left).toBe(400);
  });

  it('is cheap for a usual host', () => {
    expect(planMessages(buildSample(20, 0)).bodies[0]?.length).toBeLessThan(10_000);
  });
});
