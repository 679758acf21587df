import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createContainerReader } from '../../containers/read-containers.ts';
import { createMemoryLog } from '../../testing/memory-log.ts';
import type { ContainerReading } from './container-reading.ts';
import { createContainerSampler } from './create-container-sampler.ts';

const SOCKET = '/var/run/docker.sock';
const IMAGE = 'flotilla-test/web';
const run = promisify(execFile);
const docker = async (...args: string[]): Promise<string> => (await run('docker', args)).stdout.trim();

/** Needs a Docker Engine; `npm test` starts one where it can. */
describe.skipIf(process.env['FLOTILLA_TEST_DOCKER'] !== '1')('createContainerSampler', () => {
  const prefix = `flotilla-sampler-${randomUUID().slice(0, 8)}`;
  const reader = createContainerReader(SOCKET);
  const ending = new AbortController();
  let started: string[] = [];
  let inspections = 0;

  beforeAll(() => docker('version'));
  afterEach(async () => {
    if (started.length > 0) await docker('rm', '--force', ...started);
    started = [];
  });
  afterAll(() => ending.abort());

  async function start(name: string, ...args: string[]): Promise<string> {
    const id = await docker('run', '--detach', '--name', `${prefix}-${name}`, ...args);
    started.push(id);
    return id;
  }

  /** A sampler of this test's containers, as they are at each sample. */
  function createSampler() {
    let replicas: Awaited<ReturnType<typeof reader.readContainers>> | null = null;
    const sampler = createContainerSampler({
      hostRoot: '/',
      dockerSocket: SOCKET,
      listContainers: () => replicas,
      inspect: (id, signal) => {
        inspections += 1;
        return reader.readProcess(id, signal);
      },
      logger: createMemoryLog().logger,
      signal: ending.signal,
    });
    return {
      lose: () => sampler.sample({ monotonicMs: 0 }),
      sample: async (): Promise<Map<string, ContainerReading>> => {
        replicas = await reader.readContainers(ending.signal, started);
        const readings = await sampler.sample({ monotonicMs: performance.now() });
        return new Map((readings ?? []).map((reading) => [reading.id, reading]));
      },
    };
  }

  it('is unknown while Docker is away', async () => {
    expect(await createSampler().lose()).toBeNull();
  });

  it('counts as docker stats does', async () => {
    const busy = await start('busy', '--memory', '64m', IMAGE, 'sh', '-c', 'while :; do :; done');
    const idle = await start('idle', '--env', 'BODY=x', IMAGE);
    const { sample } = createSampler();
    const first = await sample();
    expect(first.get(busy)?.values.cpuPercent, 'no rate of one reading').toBeNull();
    await delay(2000);
    const second = await sample();
    const [line = ''] = (await docker('stats', '--no-stream', '--format', '{{.CPUPerc}};{{.MemUsage}}', busy)).split(
      '\n',
    );
    const shown = Number.parseFloat(line);
    // The machine may be busy with other things; both saw the same container, one after the other.
    expect(second.get(busy)?.values.cpuPercent).toBeGreaterThan(Math.min(30, shown / 2));
    expect(second.get(busy)?.values.cpuPercent).toBeLessThan(130);
    expect(second.get(idle)?.values.cpuPercent).toBeLessThan(20);
    expect(second.get(busy)?.values).toMatchObject({ memoryLimitBytes: 64 * 2 ** 20, restarts: 0, oomKills: 0 });
    expect(second.get(idle)?.values.memoryLimitBytes).toBeNull();
    expect(second.get(idle)?.values.memoryBytes).toBeGreaterThan(10_000);
    expect(second.get(idle)?.values.networkReceiveBytesPerSecond).toBeGreaterThanOrEqual(0);
  });

  it('follows a restart, asks Docker once for it, and makes no absurd rate of it', async () => {
    const id = await start('again', IMAGE, 'sh', '-c', 'while :; do :; done');
    const { sample } = createSampler();
    inspections = 0;
    await sample();
    await delay(500);
    await sample();
    expect(inspections, 'one question for the first start').toBe(1);
    await docker('restart', '--time', '0', id);
    const after = await sample();
    expect(after.get(id)?.values.cpuPercent ?? null).toBeNull();
    await delay(500);
    const later = await sample();
    expect(later.get(id)?.values.cpuPercent).toBeGreaterThan(0);
    expect(later.get(id)?.values.cpuPercent).toBeLessThan(130);
    expect(inspections).toBe(2);
  });

  it('leaves out what does not run, and the network of the host', async () => {
    const stopped = await start('stopped', IMAGE, 'sh', '-c', 'exit 0');
    const host = await start('host', '--network', 'host', IMAGE, 'sleep', '60');
    await docker('wait', stopped);
    const { sample } = createSampler();
    await sample();
    await delay(200);
    const readings = await sample();
    expect(readings.has(stopped)).toBe(false);
    expect(readings.get(host)?.values).toMatchObject({ networkReceiveBytesPerSecond: null, pids: 1 });
  });

  it('samples twenty containers in a few milliseconds', async () => {
    for (let index = 0; index < 20; index += 1) await start(`many-${index}`, '--network', 'none', IMAGE, 'sleep', '60');
    const { sample } = createSampler();
    await sample();
    const replicas = await reader.readContainers(ending.signal, started);
    const timed = createContainerSampler({
      hostRoot: '/',
      dockerSocket: SOCKET,
      listContainers: () => replicas,
      inspect: reader.readProcess,
      logger: createMemoryLog().logger,
      signal: ending.signal,
    });
    await timed.sample({ monotonicMs: performance.now() });
    const startedAt = performance.now();
    const readings = await timed.sample({ monotonicMs: performance.now() + 1 });
    expect(readings).toHaveLength(20);
    expect(performance.now() - startedAt).toBeLessThan(100);
  });
});
