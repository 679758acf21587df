import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { loadMessage, LOAD_STREAM, type ServiceLoad } from '@flotilla/contracts';
import { ensureStreams, type BusConnection } from '@flotilla/runtime';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startAccessLog, type AccessLog } from '../access-log/start-access-log.ts';
import { buildDesiredState, buildSite } from '../nginx/testing/build-site.ts';
import { sendRequest } from '../nginx/testing/send-request.ts';
import { startBackend, type Backend } from '../nginx/testing/start-backend.ts';
import { makeSettings, startProxy, type TestProxy } from '../nginx/testing/start-proxy.ts';
import { AgentBus } from '../testing/agent-bus.ts';
import { createMemoryLog } from '../testing/memory-log.ts';
import { waitUntil } from '../testing/wait-until.ts';
import { startLoad, type Load } from './start-load.ts';
import { buildReplica, buildService } from './testing/build-service.ts';

const HOST = 'shop.example.com';
const INTERVAL_MS = 1000;

let bus: AgentBus;
let core: BusConnection;
let node: TestProxy;
let backend: Backend;
let ending: AbortController;
let access: AccessLog;
let load: Load;

beforeEach(async () => {
  [bus, backend, node] = await Promise.all([AgentBus.start(), startBackend('a'), startProxy(await makeSettings())]);
  core = await bus.connectAsCore();
  await ensureStreams(core, [LOAD_STREAM]);
  ending = new AbortController();
});

afterEach(async () => {
  ending.abort();
  await Promise.all([access.finished, load.finished]);
  await node[Symbol.asyncDispose]();
  await backend[Symbol.asyncDispose]();
  await bus.stop();
});

async function readLoads(): Promise<(ServiceLoad & { readonly intervalMs: number })[]> {
  const manager = await core.jetstreamManager();
  const { state } = await manager.streams.info(LOAD_STREAM.name);
  if (state.messages === 0) return [];
  const consumer = await core.jetstream.consumers.get(LOAD_STREAM.name);
  const loads = [];
  for await (const { data } of await consumer.fetch({ max_messages: state.messages, expires: 10_000 })) {
    const { intervalMs, services } = loadMessage.parse(JSON.parse(new TextDecoder().decode(data)));
    loads.push(...services.map((service) => ({ ...service, intervalMs })));
  }
  await consumer.delete();
  return loads;
}

describe('a request', () => {
  it('through nginx is in the load of its service, once', async () => {
    const [service, quiet] = [buildService(), buildService({ replicas: [buildReplica({ containerId: 'b' })] })];
    const { target } = buildSite({ target: { host: '127.0.0.1', port: backend.port } });
    await node.proxy.apply(buildDesiredState(buildSite({ serviceId: service.serviceId, domains: [HOST], target })));
    const { logger } = createMemoryLog();
    const { signal } = ending;
    access = startAccessLog({
      file: node.proxy.accessLogFile,
      otherLogs: [],
      positionFile: join(node.settings.directory, 'access-log.json'),
      reopen: node.proxy.reopenLogs,
      logger,
      signal,
    });
    load = startLoad({
      agentId: randomUUID(),
      readServices: () => [service, quiet],
      sampleContainers: async () => [],
      readCustom: () => [],
      takeTraffic: (serviceIds) => access.takeTraffic(serviceIds),
      clock: { now: Date.now, offsetMs: () => 0, measure: () => undefined },
      logger,
      signal,
      intervalMs: INTERVAL_MS,
    });
    load.setBus(core);

    const ofService = async (): Promise<(ServiceLoad & { readonly intervalMs: number })[]> =>
      (await readLoads()).filter(({ serviceId }) => serviceId === service.serviceId);
    const isCounting = async (): Promise<boolean> => (await ofService()).at(-1)?.requestsPerSecond === 0;
    await waitUntil('a sample that knows of no requests', isCounting);
    const REQUESTS = 200;
    const { httpPort: port } = node.settings;
    for (let sent = 0; sent < REQUESTS; sent += 1) await sendRequest({ port, host: HOST });
    const count = async (): Promise<number> =>
      Math.round(
        (await ofService()).reduce(
          (sum, { requestsPerSecond, intervalMs }) => sum + ((requestsPerSecond ?? 0) * intervalMs) / 1000,
          0,
        ),
      );
    await waitUntil('all requests', async () => (await count()) >= REQUESTS);
    await waitUntil('another sample that knows of no requests', isCounting);

    expect(await count()).toBe(REQUESTS);
    const loads = await ofService();
    const busy = loads.filter(({ requestsPerSecond }) => (requestsPerSecond ?? 0) > 0);
    expect(busy.every(({ latencyP95Ms, serverErrorRatio }) => latencyP95Ms !== null && serverErrorRatio === 0)).toBe(
      true,
    );
    expect(loads.at(-1)).toMatchObject({ latencyP95Ms: null, serverErrorRatio: null, inFlight: 0 });
    // The control: the other service has samples, and none of these requests.
    const others = (await readLoads()).filter(({ serviceId }) => serviceId === quiet.serviceId);
    expect(others).toHaveLength((await ofService()).length);
    expect(others.filter(({ requestsPerSecond }) => (requestsPerSecond ?? 0) > 0)).toEqual([]);
  });
});
