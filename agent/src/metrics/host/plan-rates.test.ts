import { BYTES_MAX, hostMetrics, type HostMetric } from '@flotilla/contracts';
import { describe, expect, it } from 'vitest';
import { planHostValues } from './plan-host-values.ts';
import { planRates, type Counters } from './plan-rates.ts';
import { planSeries } from './plan-series.ts';
import { createRandomHost, MOST_PER_SECOND } from './testing/random-host.ts';

const HOSTS = 60;
const READINGS = 200;

/** Every pair of neighbouring readings of many hosts on which everything goes wrong. */
function* readingsOfRandomHosts(): Generator<readonly [previous: Counters, current: Counters]> {
  for (let seed = 1; seed <= HOSTS; seed += 1) {
    const host = createRandomHost(seed);
    let previous = host.read();
    for (let reading = 1; reading < READINGS; reading += 1) {
      const current = host.read();
      yield [previous, current];
      previous = current;
    }
  }
}

const valuesOf = (previous: Counters, current: Counters) =>
  planHostValues({ gauges: {}, rates: planRates(previous, current), fileSystems: [], temperatures: [] });

const isBetween = (value: number, max: number): boolean => value >= 0 && value <= max;

describe('planRates, on counters that wrap, begin anew, vanish and jitter', () => {
  it('never gives a value outside of its bounds', () => {
    const wrong: unknown[] = [];
    for (const [previous, current] of readingsOfRandomHosts()) {
      for (const [name, value] of Object.entries(valuesOf(previous, current))) {
        if (value !== null && !isBetween(value, hostMetrics[name as HostMetric].max)) wrong.push([name, value]);
      }
      const rates = planRates(previous, current);
      for (const [name, value] of planSeries({ rates, fileSystems: [], temperatures: [] }).series) {
        if (!isBetween(value, name.endsWith('Percent') ? 100 : BYTES_MAX)) wrong.push([name, value]);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('never gives more than the host can have done', () => {
    const wrong: unknown[] = [];
    for (const [previous, current] of readingsOfRandomHosts()) {
      const { disks, interfaces } = planRates(previous, current);
      for (const [name, rates] of [...disks, ...interfaces]) {
        for (const [figure, value] of Object.entries(rates)) {
          const most = figure === 'busyPercent' ? 100 : MOST_PER_SECOND;
          if (value !== null && !isBetween(value, most)) wrong.push([name, figure, value]);
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  it('never lets the modes of the processor add up to more than its use', () => {
    const wrong: unknown[] = [];
    for (const [previous, current] of readingsOfRandomHosts()) {
      const { cpu } = planRates(previous, current);
      if (cpu.cpuPercent === null) continue;
      const modes =
        (cpu.cpuUserPercent ?? 0) +
        (cpu.cpuSystemPercent ?? 0) +
        (cpu.cpuIowaitPercent ?? 0) +
        (cpu.cpuStealPercent ?? 0);
      if (Math.abs(cpu.cpuPercent - modes) > 1e-6) wrong.push(cpu);
    }
    expect(wrong).toEqual([]);
  });

  it('knows most of the figures all the same', () => {
    let known = 0;
    let all = 0;
    for (const [previous, current] of readingsOfRandomHosts()) {
      for (const [, rates] of planRates(previous, current).interfaces) {
        all += 1;
        if (rates.receiveBytesPerSecond !== null) known += 1;
      }
    }
    expect(known / all).toBeGreaterThan(0.7);
  });

  it('is shown by these hosts: a plain difference is negative or absurd on them', () => {
    const seen = { negative: 0, absurdAfterWrap: 0, notFinite: 0 };
    for (const [previous, current] of readingsOfRandomHosts()) {
      const seconds = (current.monotonicMs - previous.monotonicMs) / 1000;
      for (const [name, { receivedBytes }] of current.interfaces) {
        const difference = receivedBytes - (previous.interfaces.get(name)?.receivedBytes ?? 0);
        const wrapped = difference < 0 ? difference + 2 ** 32 : difference;
        if (!Number.isFinite(difference / seconds)) seen.notFinite += 1;
        else if (difference / seconds < 0) seen.negative += 1;
        if (wrapped / seconds > MOST_PER_SECOND) seen.absurdAfterWrap += 1;
      }
    }
    expect(Object.values(seen).every((count) => count > 20)).toBe(true);
  });
});
