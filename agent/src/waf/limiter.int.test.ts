import { Agent } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startAccessLog } from '../access-log/start-access-log.ts';
import { buildDesiredState, buildSite } from '../nginx/testing/build-site.ts';
import { sendRequest } from '../nginx/testing/send-request.ts';
import { startBackend, type Backend } from '../nginx/testing/start-backend.ts';
import { makeSettings, startProxy, type TestProxy } from '../nginx/testing/start-proxy.ts';
import { createCoreClock } from '../shared/core-clock.ts';
import { createMemoryLog } from '../testing/memory-log.ts';
import { waitUntil } from '../testing/wait-until.ts';
import { BanBook, NO_BANS } from './ban-book.ts';
import { LogFeed } from '../shared/log-feed.ts';
import { createBansRepository } from './bans.repository.ts';
import { startBans, type Bans } from './start-bans.ts';
import { startLimiter } from './start-limiter.ts';

const BOUND = { timeout: 20_000, interval: 20 };
const FLOOD = '203.0.113.7';

describe('a client that sends too many requests', () => {
  let backend: Backend;
  let node: TestProxy;
  let bans: Bans;
  let abort: AbortController;
  const connections = new Agent({ keepAlive: true, maxSockets: 8 });

  beforeEach(async () => {
    abort = new AbortController();
    const { signal } = abort;
    const { logger } = createMemoryLog();
    const clock = createCoreClock(logger);
    backend = await startBackend('shop');
    node = await startProxy(await makeSettings());
    const { directory } = node.settings;
    const repository = createBansRepository(join(directory, 'bans'), logger);
    const { proxy } = node;
    const book = new BanBook(NO_BANS);
    bans = startBans({ book, repository, gate: proxy.bans, clock, onUrgent: () => undefined, logger, signal });
    const feed = new LogFeed([startLimiter({ readSites: proxy.wantedSites, bans, clock, logger })], () => 0);
    const access = startAccessLog({
      file: proxy.accessLogFile,
      otherLogs: [],
      positionFile: join(directory, 'position.json'),
      reopen: proxy.reopenLogs,
      onLines: (lines) => feed.add(lines),
      logger,
      signal,
    });
    ended = Promise.all([access.finished, bans.finished]);
    // So that the log's beginning is read from there on.
    await waitUntil('the log is read', () => access.figures().isReadable);
  });
  let ended: Promise<unknown>;
  afterEach(async () => {
    abort.abort();
    await ended;
    await node[Symbol.asyncDispose]();
    await backend[Symbol.asyncDispose]();
  });

  const serve = async (firewall: object): Promise<void> => {
    const target = { host: '127.0.0.1', port: backend.port };
    const site = buildSite({ target, trustedProxies: ['127.0.0.0/8'], firewall });
    await node.proxy.apply(buildDesiredState(site));
  };
  const ask = async (client = FLOOD): Promise<number> => {
    const headers = { 'x-forwarded-for': client };
    const { httpPort: port } = node.settings;
    return (await sendRequest({ port, host: 'shop.example.com', headers, agent: connections })).status;
  };
  const flood = async (requests: number): Promise<void> => {
    for (let left = requests; left > 0; left -= 20) await Promise.all(Array.from({ length: 20 }, () => ask()));
  };

  it('is refused from then on, and nobody else is', async () => {
    await serve({ banAbove: { requestsPerSecond: 20, burst: 40 } });
    expect(await ask()).toBe(200);
    await flood(300);
    await expect.poll(() => ask(), BOUND).toBe(403);
    expect(await ask('203.0.113.8')).toBe(200);
    expect(bans.report().limiterBans).toMatchObject([{ target: `${FLOOD}/32`, offence: 1 }]);
  });

  it('is served on where the service bans nobody (negative control)', async () => {
    await serve({ banAbove: null });
    await flood(300);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(await ask()).toBe(200);
    expect(bans.report().limiterBans).toEqual([]);
  });

  it('is itself refused, and not whom it names in a header', async () => {
    const target = { host: '127.0.0.1', port: backend.port };
    const firewall = { banAbove: { requestsPerSecond: 20, burst: 40 } };
    await node.proxy.apply(buildDesiredState(buildSite({ target, trustedProxies: [], firewall })));
    await flood(300);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(bans.report().limiterBans, 'the peer is this host, which is never banned').toEqual([]);
    expect(await ask()).toBe(200);
  });
});
