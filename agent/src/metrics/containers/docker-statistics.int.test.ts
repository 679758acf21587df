import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createContainerReader } from '../../containers/read-containers.ts';
import { createMemoryLog } from '../../testing/memory-log.ts';
import type { ContainerReading } from './container-reading.ts';
import { createContainerSampler } from './create-container-sampler.ts';

const SOCKET = '/var/run/docker.sock';
const IMAGE = 'flotilla-test/web';
/** More than are asked for at once. */
const CONTAINERS = 32;
const run = promisify(execFile);
const docker = async (...args: string[]): Promise<string> => (await run('docker', args)).stdout.trim();

/** Docker's socket, with a count of who asks; or one that never answers. */
class CountedSocket {
  readonly path: string;
  readonly #server: Server;
  calls = 0;
  mostAtOnce = 0;
  isDeaf = false;
  #open = 0;

  constructor(path: string) {
    this.path = path;
    this.#server = createServer((client) => {
      this.calls += 1;
      this.mostAtOnce = Math.max(this.mostAtOnce, (this.#open += 1));
      client.on('close', () => (this.#open -= 1));
      client.on('error', () => client.destroy());
      if (this.isDeaf) return;
      const engine = connect(SOCKET);
      engine.on('error', () => client.destroy());
      client.pipe(engine).pipe(client);
    });
  }

  async start(): Promise<void> {
    this.#server.listen(this.path);
    await once(this.#server, 'listening');
  }

  stop(): void {
    this.#server.close();
  }
}

/** Needs a Docker Engine; `npm test` starts one where it can. */
describe.skipIf(process.env['FLOTILLA_TEST_DOCKER'] !== '1')('containers whose files cannot be read', () => {
  const prefix = `flotilla-statistics-${randomUUID().slice(0, 8)}`;
  const reader = createContainerReader(SOCKET);
  const ending = new AbortController();
  let directory: string;
  let socket: CountedSocket;
  let started: string[] = [];

  beforeAll(() => docker('version'));
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'flotilla-statistics-'));
    // What an agent in a container without the host's folders has there: nothing of the host.
    await mkdir(join(directory, 'host/proc'), { recursive: true });
    socket = new CountedSocket(join(directory, 'docker.sock'));
    await socket.start();
  });
  afterEach(async () => {
    if (started.length > 0) await docker('rm', '--force', ...started);
    started = [];
    socket.stop();
    await rm(directory, { recursive: true, force: true });
  });
  afterAll(() => ending.abort());

  async function start(name: string, ...args: string[]): Promise<string> {
    const id = await docker('run', '--detach', '--name', `${prefix}-${name}`, ...args);
    started.push(id);
    return id;
  }

  /** A sampler of this test's containers. */
  function createSampler(hostRoot = join(directory, 'host')): () => Promise<Map<string, ContainerReading>> {
    let replicas: Awaited<ReturnType<typeof reader.readContainers>> = [];
    const sampler = createContainerSampler({
      hostRoot,
      dockerSocket: socket.path,
      listContainers: () => replicas,
      inspect: reader.readProcess,
      logger: createMemoryLog().logger,
      signal: ending.signal,
    });
    return async () => {
      replicas = await reader.readContainers(ending.signal, started);
      const readings = await sampler.sample({ monotonicMs: performance.now() });
      return new Map((readings ?? []).map((reading) => [reading.id, reading]));
    };
  }

  it('have the figures that Docker tells, the same as the files have', async () => {
    const busy = await start('busy', '--memory', '64m', IMAGE, 'sh', '-c', 'while :; do :; done');
    const host = await start('host', '--network', 'host', IMAGE, 'sleep', '60');
    const [byDocker, byFiles] = [createSampler(), createSampler('/')];
    await byFiles();
    expect(socket.calls, 'the control: files that can be read need no statistics').toBe(0);
    const first = await byDocker();
    expect(first.get(busy)?.values.cpuPercent, 'no rate of one reading').toBeNull();
    await delay(2000);
    const [told, read] = [(await byDocker()).get(busy)?.values, (await byFiles()).get(busy)?.values];
    expect(socket.calls, 'two containers, twice').toBe(4);
    expect(told?.cpuPercent).toBeGreaterThan((read?.cpuPercent ?? 0) / 2);
    expect(told?.cpuPercent).toBeLessThan(130);
    expect(told?.memoryBytes).toBeGreaterThan(10_000);
    expect(told?.memoryBytes).toBeLessThan((read?.memoryBytes ?? 0) * 2 + 2 ** 20);
    expect(told).toMatchObject({ memoryLimitBytes: 64 * 2 ** 20, pids: 1, restarts: 0, oomKills: null });
    expect(told?.networkReceiveBytesPerSecond).toBeGreaterThanOrEqual(0);
    const ofHost = (await byDocker()).get(host)?.values;
    expect(ofHost).toMatchObject({ memoryLimitBytes: null, networkReceiveBytesPerSecond: null });
  });

  it('make no absurd rates when they are restarted, and are left out when they end', async () => {
    const id = await start('again', IMAGE, 'sh', '-c', 'while :; do :; done');
    const sample = createSampler();
    await sample();
    await delay(500);
    expect((await sample()).get(id)?.values.cpuPercent).toBeGreaterThan(0);
    await docker('restart', '--time', '0', id);
    expect((await sample()).get(id)?.values.cpuPercent ?? 0).toBeLessThan(130);
    await delay(500);
    expect((await sample()).get(id)?.values.cpuPercent).toBeLessThan(130);
    await docker('kill', id);
    expect((await sample()).has(id)).toBe(false);
  });

  it('are asked for side by side, with a bound', async () => {
    const names = Array.from({ length: CONTAINERS }, (_, index) => `many-${index}`);
    for (const name of names) await start(name, '--network', 'none', IMAGE, 'sleep', '120');
    const sample = createSampler();
    expect((await sample()).size).toBe(CONTAINERS);
    socket.mostAtOnce = 0;
    const startedAt = performance.now();
    expect((await sample()).size).toBe(CONTAINERS);
    expect(performance.now() - startedAt).toBeLessThan(5000);
    expect(socket.mostAtOnce).toBeGreaterThan(1);
    expect(socket.mostAtOnce, 'not all at once').toBeLessThan(CONTAINERS);
  });

  it('do not hold the sample up when Docker does not answer, and are back when it does', async () => {
    const id = await start('slow', IMAGE, 'sleep', '120');
    const sample = createSampler();
    expect((await sample()).has(id)).toBe(true);
    socket.isDeaf = true;
    const startedAt = performance.now();
    expect((await sample()).has(id), 'unknown, not zero').toBe(false);
    expect(performance.now() - startedAt).toBeLessThan(6000);
    socket.isDeaf = false;
    expect((await sample()).has(id)).toBe(true);
  });
});
