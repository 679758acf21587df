import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { appendFile, mkdtemp, rm, symlink } from 'node:fs/promises';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  containerMetricNames,
  hostMetricNames,
  METRICS_STREAM,
  parseMetricsMessage,
  site,
  subjects,
  type HeartbeatRequest,
  type HostMetric,
  type MetricsSample,
} from '@flotilla/contracts';
import { ensureStreams, Shutdown, type BusConnection } from '@flotilla/runtime';
import { findFreePorts } from '@flotilla/runtime/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { countStream, readStream } from './shared/publish/testing/read-stream.ts';
import { SmallDisk } from './shared/spool/testing/small-disk.ts';
import { settingsSchema, type AgentSettings } from './settings.ts';
import { startAgent } from './start-agent.ts';
import { AgentBus } from './testing/agent-bus.ts';
import { AGENT_ID, CoreStandIn, JOIN_TOKEN } from './testing/core-stand-in.ts';
import { createMemoryLog } from './testing/memory-log.ts';
import { waitUntil } from './testing/wait-until.ts';

const run = promisify(execFile);
const docker = async (...args: string[]): Promise<string> => (await run('docker', args)).stdout.trim();
const SERVICE_ID = '0198a1b2-0000-7000-8000-00000000000a';

let directory: string;
let core: CoreStandIn;
let bus: AgentBus;
let coreBus: BusConnection;
let backend: Server;
let settings: AgentSettings;
let log: ReturnType<typeof createMemoryLog>;
let shutdown: Shutdown;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'flotilla-agent-'));
  core = new CoreStandIn();
  await core.start();
  bus = await AgentBus.start();
  coreBus = await bus.connectAsCore();
  await ensureStreams(coreBus, [METRICS_STREAM]);
  core.renew = (publicKey) => bus.admit(AGENT_ID, publicKey);
  backend = createServer((_, response) => response.end('hello'));
  backend.listen(0, '127.0.0.1');
  await once(backend, 'listening');
  const [http = 0, https = 0] = await findFreePorts(2);
  settings = settingsSchema.parse({
    coreUrl: core.url,
    joinToken: JOIN_TOKEN,
    agentName: 'node-1',
    agentDir: directory,
    proxyHttpPort: String(http),
    proxyHttpsPort: String(https),
    agentHealthPort: '0',
    dockerSocket: join(directory, 'no-docker.sock'),
    sampleIntervalMs: '1000',
    stopProxyOnExit: 'true',
  });
  newProcess();
});

afterEach(async () => {
  await shutdown.run();
  backend.close();
  await bus.stop();
  await core.stop();
  await rm(directory, { recursive: true, force: true });
});

/** What a process has of its own. */
function newProcess(): void {
  log = createMemoryLog();
  shutdown = new Shutdown({ logger: log.logger });
}

const start = (overrides: Partial<AgentSettings> = {}) =>
  startAgent({ ...settings, ...overrides }, { version: '1.2.3', logger: log.logger, shutdown });

function buildTask(
  port = (backend.address() as AddressInfo).port,
  revision = 'a'.repeat(64),
  settingsOfService: object = {},
) {
  const target = { host: '127.0.0.1', port };
  const settingsOfSite = {
    name: 'app',
    domains: ['app.example.com'],
    target,
    basicAuth: null,
    ...settingsOfService,
  };
  const sites = [site.parse({ serviceId: SERVICE_ID, serviceRevision: 1, ...settingsOfSite })];
  return { id: randomUUID(), type: 'UPDATE_NGINX', payload: { revision, sites } };
}

/** Through the agent's nginx; null when it does not answer. */
function ask(host: string): Promise<string | null> {
  return new Promise((resolve) => {
    const asking = request({ port: settings.proxyHttpPort, host: '127.0.0.1', headers: { host } }, (response) => {
      let body = '';
      response.on('data', (chunk: Buffer) => (body += chunk.toString()));
      response.on('end', () => resolve(body));
    });
    asking.on('error', () => resolve(null));
    asking.end();
  });
}

const hasSucceeded = ({ taskResults }: HeartbeatRequest) => taskResults.some(({ status }) => status === 'succeeded');

async function readNewestSample(): Promise<MetricsSample> {
  const newest = (await readStream(coreBus)).at(-1);
  const parsed = parseMetricsMessage(JSON.parse(Buffer.from(newest?.payload ?? []).toString()));
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.sample;
}

/** The figures of the container with that name; none when the sample does not have it. */
function readContainerFigures({ containers }: MetricsSample, name: string): readonly number[] {
  const from = containers.names.indexOf(name) * containerMetricNames.length;
  return from < 0 ? [] : containers.values.slice(from, from + containerMetricNames.length);
}

async function readHostFigure(name: HostMetric): Promise<number> {
  const { host } = await readNewestSample();
  return host?.[hostMetricNames.indexOf(name)] ?? Number.NaN;
}

// In the test's own process, where what is left open shows; main.int.test.ts looks from outside.
describe('an agent with a bus', () => {
  it('joins, is woken, serves a service and reports it', async () => {
    const { healthPort } = await start();
    await core.waitForHeartbeat(({ facts }) => facts?.proxy.state === 'serving');
    await core.waitForHeartbeat(({ bus: state }) => state === 'connected');
    expect(core.heartbeats[0]).toMatchObject({ containers: [], facts: { docker: { available: false } } });
    expect((await fetch(`http://127.0.0.1:${healthPort}/health/ready`)).status).toBe(200);

    core.tasks = [buildTask()];
    const before = core.heartbeats.length;
    const startedAt = performance.now();
    coreBus.nats.publish(subjects.agentWake(AGENT_ID));
    await waitUntil('the heartbeat', () => core.heartbeats.length > before);
    expect(performance.now() - startedAt, 'woken').toBeLessThan(100);
    await waitUntil('the service', async () => (await ask('app.example.com')) === 'hello');
    const beat = await core.waitForHeartbeat(hasSucceeded);
    expect(performance.now() - startedAt, 'reported at once, not at the interval').toBeLessThan(1000);
    expect(beat.appliedRevision).toBe('a'.repeat(64));
    expect(beat.taskResults).toMatchObject([{ result: { outcome: 'applied', rejectedSites: [] } }]);
    const withConfig = await core.waitForHeartbeat(({ siteConfigs }) => siteConfigs !== undefined);
    expect(withConfig.siteConfigs?.[0]).toMatchObject({ serviceId: SERVICE_ID, serviceRevision: 1 });
    expect(withConfig.siteConfigs?.[0]?.text).toContain('app.example.com');
  });

  it('leaves nginx serving when it ends, and finds it again', async () => {
    const staying = { stopProxyOnExit: false };
    await start(staying);
    core.tasks = [buildTask()];
    await core.waitForHeartbeat(hasSucceeded);
    expect(await shutdown.run(), 'all in order').toBe(true);
    expect(await ask('app.example.com')).toBe('hello');
    newProcess();
    await start();
    expect(await ask('app.example.com')).toBe('hello');
  });

  it('ends in order within 5 s, says goodbye, and leaves nothing open', async () => {
    const goodbyes: unknown[] = [];
    coreBus.nats.subscribe(subjects.agentPresence(AGENT_ID), {
      callback: (_, message) => void goodbyes.push(message.json()),
    });
    await coreBus.nats.flush();
    const { healthPort } = await start();
    await core.waitForHeartbeat(({ bus: state }) => state === 'connected');
    const startedAt = performance.now();
    expect(await shutdown.run()).toBe(true);
    expect(performance.now() - startedAt).toBeLessThan(5000);
    await waitUntil('goodbye', () => goodbyes.some((message) => (message as { state: string }).state === 'leaving'));
    await waitUntil('no connection to the Core', async () => (await core.countConnections()) === 0);
    await expect(fetch(`http://127.0.0.1:${healthPort}/health/live`)).rejects.toThrow('fetch failed');
    const timers = process.getActiveResourcesInfo().filter((name) => name === 'Timeout');
    expect(timers.length, 'the test’s own').toBeLessThanOrEqual(2);
  });

  it('samples its host, and counts what it could not keep', async (context) => {
    await using disk = (await SmallDisk.mount()) ?? context.skip('mounting is not allowed here');
    await symlink(disk.directory, join(directory, 'spool'));
    await start();
    await waitUntil('a sample', async () => (await countStream(coreBus)) > 0);
    expect(await readHostFigure('memoryTotalBytes')).toBeGreaterThan(0);
    expect(await readHostFigure('spoolDroppedSamples')).toBe(0);

    const other = join(disk.directory, 'somebody-elses');
    await expect(appendFile(other, Buffer.alloc(2 ** 21))).rejects.toThrow('ENOSPC');
    await waitUntil('a sample that is lost', () => log.text().includes('cannot write the spool'));
    core.heartbeats.length = 0;
    core.tasks = [buildTask()];
    await core.waitForHeartbeat(hasSucceeded);
    expect(await ask('app.example.com'), 'the rest of the agent goes on').toBe('hello');
    await rm(other);
    await waitUntil('its word', async () => (await readHostFigure('spoolDroppedSamples')) > 0);
    expect(log.text()).toContain('the spool is written again');
    await shutdown.run();
  });

  it.skipIf(process.env['FLOTILLA_TEST_DOCKER'] !== '1')('samples Docker’s containers', async () => {
    const name = `flotilla-test-${randomUUID().slice(0, 8)}`;
    await docker('run', '-d', '--name', name, 'flotilla-test/web');
    try {
      await start({ dockerSocket: '/var/run/docker.sock' });
      const readFigures = async () => {
        const isThere = (await countStream(coreBus)) > 0;
        const found = isThere ? readContainerFigures(await readNewestSample(), name) : null;
        return Object.fromEntries(containerMetricNames.map((metric, index) => [metric, found?.[index] ?? Number.NaN]));
      };
      await waitUntil('its second sample', async () => !Number.isNaN((await readFigures()).cpuPercent));
      expect((await readFigures()).memoryBytes).toBeGreaterThan(0);
    } finally {
      await docker('rm', '-f', '-v', name);
    }
  });

  it.skipIf(process.env['FLOTILLA_TEST_DOCKER'] !== '1')(
    'tells the figures of applications: where a label says, and where a service does',
    async () => {
      const prefix = `flotilla-test-${randomUUID().slice(0, 8)}`;
      const tell = `mkdir -p /www; echo 'jobs{queue="mail"} 3' > /www/label.txt; echo 'hits 7' > /www/service.txt; exec httpd -f -p 80 -h /www`;
      const startContainer = (name: string, ...args: string[]) =>
        docker('run', '-d', '--name', `${prefix}-${name}`, ...args, 'flotilla-test/web', 'sh', '-c', tell);
      const labelled = await startContainer('labelled', '--label', 'flotilla.metrics.path=/label.txt');
      const named = await startContainer('named');
      const silent = await startContainer('silent');
      try {
        const { healthPort } = await start({ dockerSocket: '/var/run/docker.sock' });
        const target = { container: `${prefix}-named`, port: 80 };
        core.tasks = [buildTask(undefined, undefined, { target, metricsPath: '/service.txt' })];
        const readSeries = async (): Promise<unknown[]> =>
          (await readStream(coreBus)).flatMap(({ payload }) => {
            const parsed = parseMetricsMessage(JSON.parse(Buffer.from(payload).toString()));
            return parsed.ok ? parsed.sample.series.filter(({ containerId }) => containerId !== null) : [];
          });
        const expected = [
          { containerId: labelled, name: 'jobs{queue="mail"}', value: 3 },
          { containerId: named, name: 'hits', value: 7 },
        ];
        await waitUntil(
          'both series',
          async () => {
            const text = JSON.stringify(await readSeries());
            return expected.every((one) => text.includes(JSON.stringify(one)));
          },
          40_000,
        );
        expect(JSON.stringify(await readSeries()), 'the control: nobody asked for it').not.toContain(silent);
        const figures = await (await fetch(`http://127.0.0.1:${healthPort}/metrics`)).text();
        expect(figures).toMatch(/^flotilla_agent_custom_endpoints\{process="agent"\} 2$/m);
        expect(figures).toMatch(/^flotilla_agent_custom_series\{process="agent"\} 2$/m);
        const withConfig = await core.waitForHeartbeat(({ siteConfigs }) => siteConfigs !== undefined);
        expect(withConfig.siteConfigs?.[0]?.text).not.toContain('service.txt');
      } finally {
        await docker('rm', '-f', '-v', labelled, named, silent);
      }
    },
    90_000,
  );

  it('tells its own figures, to this host only', async () => {
    const { healthPort } = await start();
    const readFigures = async (): Promise<string> => (await fetch(`http://127.0.0.1:${healthPort}/metrics`)).text();
    await waitUntil('a sample', async () =>
      /^flotilla_agent_messages_acknowledged_total\S* [1-9]/m.test(await readFigures()),
    );
    const text = await readFigures();
    expect(text).toMatch(/^process_resident_memory_bytes\{process="agent"\} \d{7,}$/m);
    expect(text).toMatch(/^flotilla_agent_spool_dropped_samples_total\{process="agent"\} 0$/m);
    expect(text).toMatch(/^flotilla_agent_bus_connected\{process="agent"\} 1$/m);
    expect(text).toMatch(/^flotilla_agent_sample_duration_seconds\{process="agent"\} 0\.\d+$/m);
    const addresses = Object.values(networkInterfaces()).flatMap((entries) => entries ?? []);
    const others = addresses.filter(({ internal, family }) => !internal && family === 'IPv4');
    for (const { address } of others) {
      await expect(fetch(`http://${address}:${healthPort}/metrics`), address).rejects.toThrow('fetch failed');
    }
  });

  it('names everything that it needs to join', async () => {
    const incomplete = settingsSchema.parse({ agentDir: directory });
    await expect(startAgent(incomplete, { version: '1.2.3', logger: log.logger, shutdown })).rejects.toThrow(
      /FLOTILLA_CORE_URL is missing[^]*FLOTILLA_JOIN_TOKEN is missing/,
    );
  });
});
