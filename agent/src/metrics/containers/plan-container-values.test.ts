import { describe, expect, it } from 'vitest';
import { planContainerValues, type TimedCounters } from './plan-container-values.ts';
import type { ContainerCounters } from './read-container-counters.ts';

const STATE = { restarts: 2, health: null };

function build(monotonicMs: number, change: Partial<ContainerCounters> = {}): TimedCounters {
  return {
    monotonicMs,
    counters: {
      cpuNanoseconds: 1e9,
      memoryBytes: 100,
      memoryLimitBytes: null,
      block: { readBytes: 0, writtenBytes: 10 },
      network: { receivedBytes: 1000, transmittedBytes: 2000 },
      pids: 3,
      oomKills: 0,
      ...change,
    },
  };
}

describe('planContainerValues', () => {
  it('knows no rates in the first reading', () => {
    const values = planContainerValues(null, build(0), STATE);
    expect(values).toMatchObject({
      cpuPercent: null,
      networkReceiveBytesPerSecond: null,
      memoryBytes: 100,
      restarts: 2,
    });
  });

  it('makes rates of two readings; 100 % is one core', () => {
    const later = build(5000, {
      cpuNanoseconds: 1e9 + 10e9,
      network: { receivedBytes: 6000, transmittedBytes: 2000 },
      block: { readBytes: 500, writtenBytes: 10 },
    });
    expect(planContainerValues(build(0), later, STATE)).toMatchObject({
      cpuPercent: 200,
      networkReceiveBytesPerSecond: 1000,
      networkTransmitBytesPerSecond: 0,
      blockReadBytesPerSecond: 100,
      blockWriteBytesPerSecond: 0,
    });
  });

  it.each([
    ['a counter that began anew', build(5000, { cpuNanoseconds: 5 }), 'cpuPercent'],
    ['a file that is gone', build(5000, { cpuNanoseconds: null }), 'cpuPercent'],
    ['a network of somebody else', build(5000, { network: null }), 'networkReceiveBytesPerSecond'],
    ['no time in between', build(0, { cpuNanoseconds: 2e9 }), 'cpuPercent'],
    ['a night in between', build(36_000_000, { cpuNanoseconds: 2e9 }), 'cpuPercent'],
  ] as const)('knows no rate after %s', (_, current, metric) => {
    expect(planContainerValues(build(0), current, STATE)[metric]).toBeNull();
  });

  it.each([
    ['healthy', 1],
    ['unhealthy', 0],
    ['starting', 0],
    [null, null],
  ] as const)('of health %s is %j', (health, healthy) => {
    expect(planContainerValues(null, build(0), { restarts: null, health }).healthy).toBe(healthy);
  });
});
