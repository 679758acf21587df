import { seriesName } from '@flotilla/contracts';
import { describe, expect, it } from 'vitest';
import { formatSeriesName } from './format-series-name.ts';
import { planRates } from './plan-rates.ts';
import { MAX_HOST_SERIES, planSeries } from './plan-series.ts';
import { buildCounters, buildCpuTimes, buildDisk, buildInterface } from './testing/build-counters.ts';

const NO_RATES = planRates(null, buildCounters());
const data = {
  mountPoint: '/data',
  canFillUp: true,
  usedBytes: 10,
  totalBytes: 40,
  usedPercent: 25,
  inodesUsedPercent: 1,
};

describe('planSeries', () => {
  it('names each device’s figures', () => {
    const at = (monotonicMs: number, ticks: number, receivedBytes: number) =>
      buildCounters({
        monotonicMs,
        cpu: { all: buildCpuTimes(), cores: new Map([[3, buildCpuTimes({ user: 1000 + ticks, idle: 8000 + ticks })]]) },
        disks: new Map([['sda', buildDisk({ readSectors: 8000 + ticks })]]),
        interfaces: new Map([['eth0', buildInterface({ receivedBytes })]]),
      });
    const rates = planRates(at(0, 0, 1_000_000), at(10_000, 30, 1_030_000));
    const temperatures = [{ sensor: 'coretemp Package id 0', celsius: 48.5 }];
    expect(planSeries({ rates, fileSystems: [data], temperatures })).toEqual({
      series: [
        ['host.disk.sda.readBytesPerSecond', 1536],
        ['host.disk.sda.writeBytesPerSecond', 0],
        ['host.disk.sda.busyPercent', 0],
        ['host.network.eth0.receiveBytesPerSecond', 3000],
        ['host.network.eth0.transmitBytesPerSecond', 0],
        ['host.filesystem./data.usedBytes', 10],
        ['host.filesystem./data.totalBytes', 40],
        ['host.filesystem./data.usedPercent', 25],
        ['host.temperature.coretemp Package id 0.celsius', 48.5],
        ['host.core.3.cpuPercent', 50],
      ],
      left: 0,
    });
  });

  it('leaves out what is unknown', () => {
    const fileSystems = [{ ...data, usedPercent: null }];
    expect(planSeries({ rates: NO_RATES, fileSystems, temperatures: [] }).series).toEqual([
      ['host.filesystem./data.usedBytes', 10],
      ['host.filesystem./data.totalBytes', 40],
    ]);
  });

  it('bounds their number, says how many are left, and drops the last cores first', () => {
    const cores = (ticks: number) =>
      new Map(Array.from({ length: 1000 }, (_, core) => [core, buildCpuTimes({ idle: 8000 + ticks })] as const));
    const at = (monotonicMs: number, ticks: number) =>
      buildCounters({ monotonicMs, cpu: { all: buildCpuTimes(), cores: cores(ticks) } });
    const { series, left } = planSeries({
      rates: planRates(at(0, 0), at(5000, 500)),
      fileSystems: [data],
      temperatures: [],
    });
    expect(series).toHaveLength(MAX_HOST_SERIES);
    expect(left).toBe(1003 - MAX_HOST_SERIES);
    expect(series.at(-1)?.[0]).toBe(`host.core.${MAX_HOST_SERIES - 4}.cpuPercent`);
  });
});

describe('formatSeriesName', () => {
  it.each([
    ['/', 'host.filesystem./.usedBytes'],
    ['/srv/my data', 'host.filesystem./srv/my data.usedBytes'],
    ['/größe', 'host.filesystem./gr%C3%B6%C3%9Fe.usedBytes'],
    ['/100%', 'host.filesystem./100%25.usedBytes'],
    ['/tab\t', 'host.filesystem./tab%09.usedBytes'],
    ['/broken\ud800', 'host.filesystem./broken%EF%BF%BD.usedBytes'],
    ['/'.padEnd(300, 'x'), null],
  ])('of %j is %s', (which, name) => {
    expect(formatSeriesName('filesystem', which, 'usedBytes')).toBe(name);
    expect(seriesName.nullable().safeParse(name).success).toBe(true);
  });
});
