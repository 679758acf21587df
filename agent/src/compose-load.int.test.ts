import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  allStreams,
  loadMessage,
  LOAD_STREAM,
  partitionOf,
  site,
  subjects,
  type ServiceLoad,
} from '@flotilla/contracts';
import { ensureStreams, Shutdown, type BusConnection } from '@flotilla/runtime';
import { findFreePorts } from '@flotilla/runtime/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { settingsSchema } from './settings.ts';
import { REPLICA_SERVICE_LABEL } from './shared/replica-label.ts';
import { startAgent } from './start-agent.ts';
import { AgentBus } from './testing/agent-bus.ts';
import { AGENT_ID, CoreStandIn, JOIN_TOKEN } from './testing/core-stand-in.ts';
import { createMemoryLog } from './testing/memory-log.ts';
import { waitUntil } from './testing/wait-until.ts';

const run = promisify(execFile);
const docker = async (...args: string[]): Promise<string> => (await run('docker', args)).stdout.trim();
const WAIT_MS = 60_000;

let directory: string;
let core: CoreStandIn;
let bus: AgentBus;
let coreBus: BusConnection;
let shutdown: Shutdown;
let serviceId: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'flotilla-agent-'));
  core = new CoreStandIn();
  await core.start();
  bus = await AgentBus.start();
  coreBus = await bus.connectAsCore();
  await ensureStreams(coreBus, allStreams);
  core.renew = (publicKey) => bus.admit(AGENT_ID, publicKey);
  serviceId = randomUUID();
  shutdown = new Shutdown({ logger: createMemoryLog().logger });
});

afterEach(async () => {
  await shutdown.run();
  const ids = await docker('ps', '-aq', '--filter', `label=${REPLICA_SERVICE_LABEL}=${serviceId}`);
  if (ids !== '') await docker('rm', '-f', '-v', ...ids.split('\n'));
  await bus.stop();
  await core.stop();
  await rm(directory, { recursive: true, force: true });
});

/** Status of a request through the agent's nginx; null when it does not answer. */
function ask(port: number): Promise<number | null> {
  return new Promise((resolve) => {
    const asking = request({ port, host: '127.0.0.1', headers: { host: 'app.example.com' } }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode ?? null));
    });
    asking.on('error', () => resolve(null));
    asking.end();
  });
}

/** What the newest message says of the service; null before the first. */
async function readLoad(): Promise<ServiceLoad | null> {
  const manager = await coreBus.jetstreamManager();
  const subject = subjects.load(partitionOf(serviceId), AGENT_ID);
  const message = await manager.streams.getMessage(LOAD_STREAM.name, { last_by_subj: subject });
  return message === null ? null : (loadMessage.parse(message.json()).services[0] ?? null);
}

describe.skipIf(process.env['FLOTILLA_TEST_DOCKER'] !== '1')('an agent that runs a service’s replicas', () => {
  it(
    'tells their load',
    async () => {
      const [http = 0, https = 0] = await findFreePorts(2);
      const settings = settingsSchema.parse({
        coreUrl: core.url,
        joinToken: JOIN_TOKEN,
        agentDir: directory,
        proxyHttpPort: String(http),
        proxyHttpsPort: String(https),
        agentHealthPort: '0',
        stopProxyOnExit: 'true',
      });
      const { healthPort } = await startAgent(settings, {
        version: '1.2.3',
        logger: createMemoryLog().logger,
        shutdown,
      });
      const container = { image: 'flotilla-test/web', cpuLimit: 0.5, memoryLimitBytes: 64 * 2 ** 20, stopGraceMs: 0 };
      const service = site.parse({
        serviceId,
        serviceRevision: 1,
        scaleRevision: 4,
        name: 'app',
        domains: ['app.example.com'],
        target: { replicas: true, port: 80 },
        basicAuth: null,
        replicas: { container, count: 2, slowStartMs: 0 },
      });
      core.tasks = [
        { id: randomUUID(), type: 'UPDATE_NGINX', payload: { revision: 'a'.repeat(64), sites: [service] } },
      ];
      const sending = (async () => {
        while (!shutdown.signal.aborted) await Promise.all([ask(http), new Promise((done) => setTimeout(done, 50))]);
      })();
      const isWhole = (load: ServiceLoad | null): boolean =>
        load !== null &&
        load.replicas.filter(({ isReady, cpuRatio }) => isReady && cpuRatio !== null).length === 2 &&
        (load.requestsPerSecond ?? 0) > 1;
      await waitUntil('load with everything in it', async () => isWhole(await readLoad()), WAIT_MS);

      const load = await readLoad();
      expect(load).toMatchObject({ serviceId, scaleRevision: 4, wanted: 2, serverErrorRatio: 0 });
      expect(load?.latencyP95Ms).toBeGreaterThanOrEqual(0);
      expect(load?.inFlight).toBeGreaterThanOrEqual(0);
      for (const replica of load?.replicas ?? []) {
        expect(replica.cpuRatio).toBeLessThan(2);
        expect(replica.memoryRatio, 'of its limit').toBeGreaterThan(0.001);
        expect(Math.abs(Date.now() - replica.startedAt)).toBeLessThan(2 * WAIT_MS);
      }
      const figures = await (await fetch(`http://127.0.0.1:${healthPort}/metrics`)).text();
      expect(figures).toMatch(/^flotilla_agent_access_log_readable\{process="agent"\} 1$/m);
      expect(figures).toMatch(/^flotilla_agent_access_log_foreign_lines_total\{process="agent"\} 0$/m);
      expect(figures).toMatch(/^flotilla_agent_load_messages_acknowledged_total\{process="agent"\} [1-9]/m);
      await shutdown.run();
      await sending;
    },
    2 * WAIT_MS,
  );
});
