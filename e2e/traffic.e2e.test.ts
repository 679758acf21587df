import { createService, getTraffic, getTrafficTops, type Service } from '@flotilla/contracts';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiClient } from './harness/api.ts';
import { startBackend, type Backend } from './harness/backend.ts';
import { fetchThroughProxy } from './harness/proxy-client.ts';
import { FlotillaSystem } from './harness/system.ts';
import { waitFor } from './harness/wait.ts';

const DOMAIN = 'shop.example.com';
const BOUND_MS = 60_000;
const SLOW_MS = 300;

/** From requests through a node's nginx to the figures that operators read. */
describe('traffic', () => {
  let system: FlotillaSystem;
  let api: ApiClient;
  let backend: Backend;
  let service: Service;
  /** All requests that were answered, those of waiting for the service among them. */
  let sent = 0;

  beforeAll(async () => {
    backend = await startBackend('shop', (request, response) => {
      if (request.url === '/missing') response.statusCode = 404;
      if (request.url === '/broken') response.statusCode = 500;
      setTimeout(() => response.end('shop'), request.url === '/slow' ? SLOW_MS : 0);
    });
    system = await FlotillaSystem.create();
    await system.start();
    api = await system.signIn();
    const agent = await system.waitForLocalAgent(api);
    service = await api.expect(createService, {
      body: {
        name: 'shop',
        domains: [DOMAIN],
        agentIds: [agent.id],
        target: { host: '127.0.0.1', port: backend.port },
      },
    });
    await waitFor('nginx to serve', async () => ((await ask('/')) === 200 ? true : null), BOUND_MS);
  });
  afterAll(async () => {
    await system.destroy();
    await backend.stop();
  });

  /** Counted when it reached the service: before that, nginx does not know it. */
  const ask = async (path: string): Promise<number | null> => {
    const answer = await fetchThroughProxy(system.proxyHttpPort, DOMAIN, path).catch(() => null);
    if (answer?.body === 'shop') sent += 1;
    return answer?.status ?? null;
  };
  const askOften = async (path: string, times: number): Promise<void> => {
    for (let time = 0; time < times; time += 1) await ask(path);
  };
  const readTraffic = () => api.expect(getTraffic, { query: { serviceId: service.id, range: '15m' } });
  const waitForAll = () =>
    waitFor(
      `${sent} requests to be told`,
      async () => {
        const answer = await readTraffic();
        return answer.total.requests >= sent ? answer : null;
      },
      BOUND_MS,
    );

  it('is told with its answers and latencies, seconds after it came', async () => {
    await askOften('/', 60);
    await askOften('/missing', 20);
    await askOften('/broken', 10);
    await askOften('/slow', 10);
    const { total } = await waitForAll();
    expect(total).toMatchObject({ requests: sent, methods: { GET: sent }, protocols: { 'HTTP/1.1': sent } });
    expect(total.statuses.map(({ status, count }) => [status, count])).toEqual([
      [200, sent - 30],
      [404, 20],
      [500, 10],
    ]);
    expect(total.latency.p99).toBeGreaterThan(SLOW_MS * 0.9);
    expect(total.latency.p50).toBeLessThan(SLOW_MS / 2);
  });

  it('counts each request once over a restart of the agent, while requests come', async () => {
    const agent = (await system.listProcesses()).find(({ name }) => name === 'agent');
    const restart = async (): Promise<void> => {
      process.kill(agent?.pid ?? 0, 'SIGTERM');
      await waitFor('another agent', async () => {
        const found = (await system.listProcesses()).find(({ name }) => name === 'agent');
        return found?.pid !== undefined && found.pid !== null && found.pid !== agent?.pid ? true : null;
      });
    };
    const traffic = async (): Promise<void> => {
      for (let time = 0; time < 100; time += 1) {
        await ask('/again');
        await delay(50);
      }
    };
    await Promise.all([traffic(), restart()]);
    await waitFor('nginx to serve', async () => ((await ask('/')) === 200 ? true : null), BOUND_MS);
    await waitForAll();
    // What would be told twice comes within this time.
    await delay(12_000);
    expect((await readTraffic()).total.requests).toBe(sent);
  });

  it('has lists of what came most often, once the minute is over', async () => {
    const lists = await waitFor(
      'the lists',
      async () => {
        const answer = await api.expect(getTrafficTops, { query: { serviceId: service.id, range: '15m' } });
        return answer.lists.paths?.total === sent ? answer.lists : null;
      },
      3 * BOUND_MS,
    );
    expect(lists.paths?.entries.map(({ key }) => key)).toEqual(
      expect.arrayContaining(['/', '/again', '/missing', '/slow', '/broken']),
    );
    expect(lists.clients?.entries.map(({ key }) => key)).toEqual(['127.0.0.1']);
  });
});
