import { hostMetricNames, hostMetrics, seriesName, type HostMetric } from '@flotilla/contracts';
import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { createMemoryLog } from '../../testing/memory-log.ts';
import { waitUntil } from '../../testing/wait-until.ts';
import { createHostSampler, type HostReading } from './create-host-sampler.ts';
import { parseProcStat } from './parse-proc-stat.ts';
import { createHostFolder } from './testing/host-folder.ts';
import { readProcOf } from './testing/kernel-files.ts';

const UBUNTU = 'linux-5.15-ubuntu22';
const ARM = 'linux-6.1-debian12-arm64';
const OF_THE_AGENT = ['spoolBytes', 'spoolDroppedSamples', 'agentCpuPercent', 'agentMemoryBytes', 'sampleDurationMs'];
const HOST_FIGURES = hostMetricNames.filter((name) => !OF_THE_AGENT.includes(name)).sort();

const figuresOf = ({ values }: HostReading) => Object.entries(values) as [HostMetric, number | null][];
const unknownIn = (reading: HostReading): string[] =>
  figuresOf(reading)
    .filter(([, value]) => value === null)
    .map(([name]) => name);

const ticksOfThisMachine = (): number => {
  const {
    user = 0,
    system = 0,
    idle = 0,
  } = parseProcStat(readFileSync('/proc/stat', 'utf8'), { withCores: false })?.all ?? {};
  return user + system + idle;
};

/** A file of a fixture in which the number after each of the patterns has grown. */
function grow(fixture: string, path: string, ...growths: readonly (readonly [before: string, by: number])[]): string {
  return growths.reduce(
    (text, [before, by]) =>
      text.replace(
        new RegExp(`(${before})(\\d+)`, 'm'),
        (_, head: string, count: string) => `${head}${Number(count) + by}`,
      ),
    readProcOf(fixture, path),
  );
}

describe('createHostSampler on this machine', () => {
  it('knows what every Linux host has, within bounds', async () => {
    const { logger, text } = createMemoryLog();
    const sampler = createHostSampler({ hostRoot: '/', logger });
    await sampler.sample({ monotonicMs: 0 });
    const before = ticksOfThisMachine();
    await waitUntil('the kernel counts ticks', () => ticksOfThisMachine() > before + 5);
    const reading = await sampler.sample({ monotonicMs: 5000 });
    expect(Object.keys(reading.values).sort()).toEqual(HOST_FIGURES);
    for (const name of ['cpuPercent', 'load1', 'memoryUsedBytes', 'filesystemUsedBytes', 'uptimeSeconds'] as const) {
      expect(reading.values[name], name).toBeTypeOf('number');
    }
    for (const [name, value] of figuresOf(reading)) {
      expect(value === null || (value >= 0 && value <= hostMetrics[name].max), `${name}: ${value}`).toBe(true);
    }
    expect(text()).not.toContain('"level":"error"');
  });

  it('sends series with valid names in each third sample, the first too', async () => {
    const sampler = createHostSampler({ hostRoot: '/', logger: createMemoryLog().logger });
    const readings: HostReading[] = [];
    for (let index = 0; index < 7; index += 1) readings.push(await sampler.sample({ monotonicMs: index * 5000 }));
    expect(readings.map(({ series }) => series.length > 0)).toEqual([true, false, false, true, false, false, true]);
    const names = readings.flatMap(({ series }) => series.map(([name]) => name));
    expect(names.filter((name) => !seriesName.safeParse(name).success)).toEqual([]);
    expect(names).toContain('host.filesystem./.usedPercent');
  });

  it('leaves no file open', async () => {
    const sampler = createHostSampler({ hostRoot: '/', logger: createMemoryLog().logger });
    await sampler.sample({ monotonicMs: 0 });
    const before = (await readdir('/proc/self/fd')).length;
    for (let index = 1; index <= 50; index += 1) await sampler.sample({ monotonicMs: index * 5000 });
    expect((await readdir('/proc/self/fd')).length).toBeLessThan(before + 5);
  });
});

describe('createHostSampler on a host of fixtures', () => {
  it('reads all that the kernel tells, and rates from the second reading on', async () => {
    await using host = await createHostFolder(UBUNTU);
    for (const disk of ['vda', 'vdb', 'sr0']) await host.addDevice(`sys/block/${disk}`, { isPhysical: true });
    await host.addDevice('sys/class/net/eth0', { isPhysical: true });
    await host.addDevice('sys/class/net/docker0', { isPhysical: false });
    await host.write('sys/class/thermal/thermal_zone0/type', 'x86_pkg_temp\n');
    await host.write('sys/class/thermal/thermal_zone0/temp', '51000\n');
    const { logger, text } = createMemoryLog();
    const sampler = createHostSampler({ hostRoot: host.root, logger });

    const first = await sampler.sample({ monotonicMs: 1000 });
    expect(first.values).toMatchObject({
      load1: 0.52,
      memoryTotalBytes: 32_862_536 * 1024,
      pressureIoPercent: 12.45,
      temperatureCelsius: 51,
      uptimeSeconds: 96_120.44,
    });
    expect(unknownIn(first).every((name) => /^(cpu|disk|network)/.test(name))).toBe(true);
    expect(unknownIn(first)).toHaveLength(14);

    await host.write('proc/stat', grow(UBUNTU, 'stat', ['^cpu +', 300], ['^cpu +(?:\\d+ ){3}', 700]));
    await host.write('proc/diskstats', grow(UBUNTU, 'diskstats', ['vda ', 50]));
    await host.write('proc/1/net/dev', grow(UBUNTU, '1/net/dev', ['eth0: *', 5000]));
    const second = await sampler.sample({ monotonicMs: 6000 });
    expect(second.values).toMatchObject({
      cpuPercent: 30,
      cpuUserPercent: 30,
      cpuIowaitPercent: 0,
      diskReadsPerSecond: 10,
      diskBusyPercent: 0,
      networkReceiveBytesPerSecond: 1000,
      networkTransmitBytesPerSecond: 0,
    });
    expect(unknownIn(second)).toEqual([]);
    expect(text()).not.toContain('"level":"warn"');
  });

  it('keeps series of the time since the last that were sent', async () => {
    await using host = await createHostFolder(ARM);
    await host.addDevice('sys/class/net/end0', { isPhysical: true });
    const sampler = createHostSampler({ hostRoot: host.root, logger: createMemoryLog().logger });
    await sampler.sample({ monotonicMs: 0 });
    await host.write('proc/1/net/dev', grow(ARM, '1/net/dev', ['end0: *', 30_000]));
    const readings: HostReading[] = [];
    for (const monotonicMs of [5000, 10_000, 15_000]) readings.push(await sampler.sample({ monotonicMs }));
    expect(readings.map(({ values }) => values.networkReceiveBytesPerSecond)).toEqual([6000, 0, 0]);
    expect(new Map(readings[2]?.series).get('host.network.end0.receiveBytesPerSecond')).toBe(2000);
  });

  it('notices that an interface has become a part of another', async () => {
    await using host = await createHostFolder('linux-4.19-debian10');
    await host.addDevice('sys/class/net/enp65s0f0', { isPhysical: true });
    await host.addDevice('sys/class/net/enp65s0f1', { isPhysical: true });
    const sampler = createHostSampler({ hostRoot: host.root, logger: createMemoryLog().logger });
    const networksOf = ({ series }: HostReading) =>
      series.flatMap(([name]) => /^host\.network\.(.+)\.receive/.exec(name)?.[1] ?? []);
    const sampleThree = async (monotonicMs: number): Promise<HostReading> => {
      await sampler.sample({ monotonicMs });
      await sampler.sample({ monotonicMs: monotonicMs + 1 });
      return sampler.sample({ monotonicMs: monotonicMs + 2 });
    };
    await sampler.sample({ monotonicMs: 0 });
    expect(networksOf(await sampleThree(5000))).toEqual(['enp65s0f0', 'enp65s0f1']);
    await host.addDevice('sys/class/net/enp65s0f1', { isPhysical: true, master: 'enp65s0f0' });
    expect(networksOf(await sampleThree(20_000))).toEqual(['enp65s0f0']);
  });

  it('reads the reader’s own interfaces when those of the first process cannot be read', async () => {
    await using host = await createHostFolder();
    await host.write('proc/net/dev', readProcOf('linux-3.2-i686', '1/net/dev'));
    const sampler = createHostSampler({ hostRoot: host.root, logger: createMemoryLog().logger });
    await sampler.sample({ monotonicMs: 0 });
    expect((await sampler.sample({ monotonicMs: 5000 })).values).toMatchObject({ networkReceiveBytesPerSecond: 0 });
  });

  it('bounds the series of a host with very many cores, and says so once', async () => {
    await using host = await createHostFolder();
    const { logger, text } = createMemoryLog();
    const sampler = createHostSampler({ hostRoot: host.root, logger });
    const lastSeries: HostReading['series'][] = [];
    for (let index = 0; index < 7; index += 1) {
      const times = `${1000 + index} 0 0 ${1000 + index} 0 0 0 0 0 0`;
      const cores = Array.from({ length: 600 }, (_, core) => `cpu${core} ${times}\n`);
      await host.write('proc/stat', `cpu  ${times}\n${cores.join('')}intr 1\n`);
      lastSeries.push((await sampler.sample({ monotonicMs: index * 5000 })).series);
    }
    expect(lastSeries[6]).toHaveLength(512);
    expect(lastSeries[6]).toEqual(lastSeries[3]);
    expect(text().match(/more series than one sends/g)).toHaveLength(1);
  });

  it.each(['linux-3.2-i686', 'linux-3.10-centos7', 'linux-4.19-debian10'])(
    'takes what %s does not tell for unknown, not for zero',
    async (fixture) => {
      await using host = await createHostFolder(fixture);
      const sampler = createHostSampler({ hostRoot: host.root, logger: createMemoryLog().logger });
      const { values } = await sampler.sample({ monotonicMs: 0 });
      expect(values).toMatchObject({
        pressureCpuPercent: null,
        pressureMemoryPercent: null,
        pressureIoPercent: null,
        temperatureCelsius: null,
      });
      expect(values.memoryUsedBytes).toBeGreaterThan(0);
    },
  );

  it('never throws, and knows nothing, where there is nothing', async () => {
    const { logger, text } = createMemoryLog();
    const sampler = createHostSampler({ hostRoot: '/nowhere/at/all', logger });
    for (const monotonicMs of [0, 5000, 5000, NaN, -1]) {
      const reading = await sampler.sample({ monotonicMs });
      expect(Object.keys(reading.values).sort()).toEqual(HOST_FIGURES);
      expect(unknownIn(reading)).toHaveLength(HOST_FIGURES.length);
      expect(reading.series).toEqual([]);
    }
    expect(text()).toContain('/nowhere/at/all/proc/stat');
  });

  it('never throws on files that say nonsense', async () => {
    await using host = await createHostFolder();
    for (const path of ['stat', 'meminfo', 'diskstats', '1/net/dev', '1/mounts', 'loadavg', 'uptime', 'pressure/cpu']) {
      await host.write(`proc/${path}`, `\0\n cpu \n: : :\n${'9'.repeat(400)}\n / / / /\n`);
    }
    const sampler = createHostSampler({ hostRoot: host.root, logger: createMemoryLog().logger });
    await sampler.sample({ monotonicMs: 0 });
    const reading = await sampler.sample({ monotonicMs: 5000 });
    const ofTheMachine = HOST_FIGURES.filter((name) => name.startsWith('filesystem'));
    expect(unknownIn(reading).sort()).toEqual(HOST_FIGURES.filter((name) => !ofTheMachine.includes(name)));
  });
});
