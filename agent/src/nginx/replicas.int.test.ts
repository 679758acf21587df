import { readlink } from 'node:fs/promises';
import { request as requestHttp } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { ContainerResolution, ProxyDeps } from './proxy.ts';
import { buildDesiredState, buildSite, type SiteDraft } from './testing/build-site.ts';
import { fullShares, startReplicaServers, withShare, type ReplicaServers } from './testing/replica-servers.ts';
import { sendRequest } from './testing/send-request.ts';
import { endNginx, makeSettings, startProxy, type TestProxy } from './testing/start-proxy.ts';

const HOST = 'shop.example.com';
const bound = { timeout: 20_000, interval: 5 };
const BURST = 50;

describe('replicas', () => {
  let servers: ReplicaServers;
  let steps: string[];
  beforeEach(async () => {
    servers = await startReplicaServers();
    steps = [];
  });
  afterEach(() => servers[Symbol.asyncDispose]());

  const start = async (settings = makeSettings(), overrides: Partial<ProxyDeps> = {}): Promise<TestProxy> =>
    startProxy(await settings, {
      resolveContainer: servers.resolve,
      onStep: (step) => void steps.push(step),
      ...overrides,
    });
  const siteOf = (draft: Partial<SiteDraft> = {}) =>
    buildSite({ target: { replicas: true, port: servers.port }, ...draft });
  const ask = async ({ settings }: TestProxy, draft: { host?: string; method?: string } = {}): Promise<string> => {
    const { status, body } = await sendRequest({ port: settings.httpPort, host: HOST, ...draft });
    return status === 200 ? body : String(status);
  };
  const countReloads = (): number => steps.filter((step) => step === 'reloaded').length;

  it('answer 502 before there is any and when there is none any more, and their site is no mistake', async () => {
    await using node = await start();
    const site = siteOf();
    expect(await node.proxy.apply(buildDesiredState(site))).toMatchObject({ outcome: 'applied', rejectedSites: [] });
    expect(await ask(node)).toBe('502');
    const replica = await servers.start();
    await node.proxy.gate.serve(site.serviceId, fullShares(replica));
    expect(await ask(node)).toBe(replica.containerId);
    await node.proxy.gate.serve(site.serviceId, []);
    expect(await ask(node)).toBe('502');
    expect(node.results, 'nothing that the Core has to know').toEqual([]);
  });

  it('take over from what served before them when the first is ready, and not sooner', async () => {
    await using node = await start();
    const [before, replica] = [await servers.start(), await servers.start()];
    const site = siteOf({ target: { container: before.containerId, port: servers.port } });
    await node.proxy.apply(buildDesiredState(site));
    expect(await ask(node)).toBe(before.containerId);
    const wanted = siteOf({ serviceId: site.serviceId, serviceRevision: 2 });
    const reason = expect.stringContaining('no replica is ready') as string;
    expect(await node.proxy.apply(buildDesiredState(wanted))).toMatchObject({ rejectedSites: [{ reason }] });
    expect(await ask(node), 'what was there goes on').toBe(before.containerId);
    await node.proxy.gate.serve(site.serviceId, fullShares(replica));
    expect(await ask(node)).toBe(replica.containerId);
    expect(node.results.at(-1), 'the Core is told').toMatchObject({ outcome: 'applied', rejectedSites: [] });
  });

  it('take requests as soon as their site is there, when they were served before it', async () => {
    await using node = await start();
    const [site, replica] = [siteOf(), await servers.start()];
    steps = [];
    await node.proxy.gate.serve(site.serviceId, fullShares(replica));
    expect(steps, 'no site has them').toEqual([]);
    await node.proxy.apply(buildDesiredState(site));
    expect(await ask(node)).toBe(replica.containerId);
  });

  it('end the request that they have after they were taken out, and get no other', async () => {
    await using node = await start();
    const site = siteOf();
    await node.proxy.apply(buildDesiredState(site));
    const [old, next] = [await servers.start(), await servers.start()];
    await node.proxy.gate.serve(site.serviceId, fullShares(old));
    const slow = await openSlow(node.settings.httpPort);
    await node.proxy.gate.serve(site.serviceId, fullShares(next));
    const before = old.requests;
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(node)));
    expect(new Set(answers)).toEqual(new Set([next.containerId]));
    expect(old.requests).toBe(before);
    expect(await old.countConnections(), 'the one that is busy').toBe(1);
    old.release();
    expect(await text(slow)).toBe(`${old.containerId}end`);
    await vi.waitFor(async () => expect(await old.countConnections()).toBe(0), bound);
  });

  it('answer the first request of a connection that was there before, and only then count as taken out', async () => {
    await using node = await start();
    const site = siteOf();
    await node.proxy.apply(buildDesiredState(site));
    const [old, next] = [await servers.start(), await servers.start()];
    await node.proxy.gate.serve(site.serviceId, fullShares(old));
    const slowClient = connect(node.settings.httpPort, '127.0.0.1');
    await new Promise((resolve) => slowClient.once('connect', resolve));

    let isServed = false;
    steps = [];
    const serving = node.proxy.gate.serve(site.serviceId, fullShares(next)).then(() => (isServed = true));
    await vi.waitFor(() => expect(steps).toContain('recorded'), bound);
    expect(await ask(node)).toBe(next.containerId);
    expect(isServed).toBe(false);
    slowClient.write(`GET / HTTP/1.1\r\nHost: ${HOST}\r\nConnection: close\r\n\r\n`);
    expect(await text(slowClient)).toContain(old.containerId);
    await serving;
    expect(await old.countConnections()).toBe(0);
  });

  it.each(['GET', 'POST'])('pass a %s on that one of them does not take', async (method) => {
    await using node = await start();
    const site = siteOf();
    await node.proxy.apply(buildDesiredState(site));
    const [dead, alive] = [await servers.start(), await servers.start()];
    await node.proxy.gate.serve(site.serviceId, fullShares(dead, alive));
    await dead.stop();
    for (let count = 0; count < 20; count += 1) expect(await ask(node, { method })).toBe(alive.containerId);
  });

  it.each([
    { balancing: 'round_robin' as const, share: 0.25, expected: 20 },
    { balancing: 'least_connections' as const, share: 0.25, expected: 20 },
    { balancing: 'round_robin' as const, share: 1, expected: 50 },
  ])('get their share: $share of $balancing', async ({ balancing, share, expected }) => {
    await using node = await start();
    const site = siteOf({ balancing });
    await node.proxy.apply(buildDesiredState(site));
    const [first, second] = [await servers.start(), await servers.start()];
    await node.proxy.gate.serve(site.serviceId, [withShare(first, 1), withShare(second, share)]);
    for (let count = 0; count < 100; count += 1) await ask(node);
    expect(Math.abs(second.requests - expected)).toBeLessThanOrEqual(2);
  });

  it('keep a client on one of them where its address decides', async () => {
    await using node = await start();
    const site = siteOf({ balancing: 'client_address' });
    await node.proxy.apply(buildDesiredState(site));
    const replicas = [await servers.start(), await servers.start(), await servers.start()];
    await node.proxy.gate.serve(site.serviceId, fullShares(...replicas));
    const answers = new Set<string>();
    for (let count = 0; count < 20; count += 1) answers.add(await ask(node));
    expect(answers.size).toBe(1);
  });

  it.each([2, 32, 33, 64, 256, 257, 1000])('may be %d', async (count) => {
    const resolveContainer = (container: string, port: number): ContainerResolution => ({
      state: 'available',
      endpoints: [{ address: `2001:db8:1111:2222:3333:4444:5555:${container}`, port }],
    });
    await using node = await start(makeSettings(), { resolveContainer });
    const site = siteOf();
    await node.proxy.apply(buildDesiredState(site));
    const roster = Array.from({ length: count }, (_, index) => ({
      containerId: (index + 1).toString(16),
      share: index === 0 ? 0.99 : 1,
    }));
    await node.proxy.gate.serve(site.serviceId, roster);
    expect((await readSite(node, site.serviceId)).match(/weight=/g)).toHaveLength(count);
  });

  it('cost a few reloads when they change often, the first at once', async () => {
    await using node = await start();
    const sites = Array.from({ length: BURST }, (_, index) => siteOf({ domains: [`site-${index}.example.com`] }));
    await node.proxy.apply(buildDesiredState(...sites));
    const replicas = [await servers.start(), await servers.start()] as const;
    const [before, startedAtMs] = [countReloads(), performance.now()];
    await Promise.all(sites.map(({ serviceId }) => node.proxy.gate.serve(serviceId, fullShares(...replicas))));
    const [burstReloads, burstMs] = [countReloads() - before, Math.round(performance.now() - startedAtMs)];
    expect(burstReloads).toBe(1);

    // One after the other, as a slow start comes.
    const [site] = sites;
    const [first, second] = replicas;
    const streamedAtMs = performance.now();
    const calls: Promise<void>[] = [];
    for (let call = 1; call <= BURST; call += 1) {
      const roster = [withShare(first, 1), withShare(second, call / BURST)];
      calls.push(node.proxy.gate.serve(site?.serviceId ?? '', roster));
      await sleep(50);
    }
    await Promise.all(calls);
    const seconds = (performance.now() - streamedAtMs) / 1000;
    const streamReloads = countReloads() - before - burstReloads;
    process.stdout.write(
      `${BURST} rosters at once: ${burstReloads} reload in ${burstMs} ms; ${BURST} in ${seconds.toFixed(1)} s: ` +
        `${streamReloads} reloads\n`,
    );
    expect(streamReloads).toBeLessThanOrEqual(Math.ceil(seconds) + 1);
    expect(streamReloads, 'the control: their text differs').toBeGreaterThan(1);
    const file = await readSite(node, site?.serviceId ?? '');
    expect(file.match(/server 127/g)).toHaveLength(2);
    expect(file, 'the last of them').not.toContain('weight=');
  }, 60_000);

  it('are left as they are when nginx refuses others, or one is not reached; the rest is served', async () => {
    const odd = 'f'.repeat(64);
    await using node = await start(makeSettings(), {
      resolveContainer: (container, port): ContainerResolution =>
        container === odd
          ? { state: 'available', endpoints: [{ address: 'nowhere.invalid', port }] }
          : servers.resolve(container, port),
    });
    const [site, other] = [siteOf(), siteOf({ domains: ['other.example.com'] })];
    await node.proxy.apply(buildDesiredState(site, other));
    const [good, next] = [await servers.start(), await servers.start()];
    await node.proxy.gate.serve(site.serviceId, fullShares(good));
    const { serve } = node.proxy.gate;

    const results = await Promise.allSettled([
      serve(site.serviceId, [...fullShares(next), { containerId: odd, share: 1 }]),
      serve(other.serviceId, fullShares(next)),
    ]);
    expect(results).toMatchObject([
      { status: 'rejected', reason: { message: expect.stringContaining('host not found in upstream') } },
      { status: 'fulfilled' },
    ]);
    expect([await ask(node), await ask(node, { host: 'other.example.com' })]).toEqual([
      good.containerId,
      next.containerId,
    ]);
    const gone = 'e'.repeat(64);
    await expect(serve(site.serviceId, [{ containerId: gone, share: 1 }])).rejects.toThrow(`no container "${gone}"`);
    await expect(serve(site.serviceId, [{ containerId: good.containerId, share: 0 }])).rejects.toThrow('a share must');
    await node.proxy.reresolve();
    expect(await ask(node)).toBe(good.containerId);
    expect(node.results, 'the sites are as the Core wants them').toEqual([]);
  });

  it('go on through a new site, through a restart of the agent, and without Docker', async () => {
    const settings = await makeSettings();
    onTestFinished(() => endNginx(settings));
    const first = await start(Promise.resolve(settings));
    const site = siteOf();
    await first.proxy.apply(buildDesiredState(site));
    const [one, two] = [await servers.start(), await servers.start()];
    await first.proxy.gate.serve(site.serviceId, [withShare(one, 1), withShare(two, 0.5)]);
    const changed = { ...site, serviceRevision: 2, gzip: false };
    await first.proxy.apply(buildDesiredState(changed));
    const before = await readSite(first, site.serviceId);
    expect(before).toContain('weight=2');
    await first.proxy.stop({ leaveServing: true });
    const current = await readlink(join(settings.directory, 'current'));
    steps = [];

    let isDockerThere = false;
    const unknown: ContainerResolution = { state: 'unknown', reason: 'Docker does not answer' };
    let gone = '';
    await using second = await start(Promise.resolve(settings), {
      resolveContainer: (container, port) =>
        !isDockerThere
          ? unknown
          : container === gone
            ? { state: 'unavailable', reason: `container "${container}" is not running` }
            : servers.resolve(container, port),
    });
    await second.proxy.reresolve();
    isDockerThere = true;
    await second.proxy.reresolve();
    await second.proxy.gate.serve(site.serviceId, [withShare(two, 0.5), withShare(one, 1)]);
    expect([steps, await readlink(join(settings.directory, 'current'))], 'nothing changed').toEqual([[], current]);
    expect(await readSite(second, site.serviceId)).toBe(before);

    gone = two.containerId;
    await second.proxy.reresolve();
    expect(await readSite(second, site.serviceId), 'the control: one is away').not.toContain('weight=2');
    expect(await ask(second)).toBe(one.containerId);
  });

  it('that wait for their turn are refused when the agent ends', async () => {
    await using node = await start();
    const [site, replica] = [siteOf(), await servers.start()];
    await node.proxy.apply(buildDesiredState(site));
    await node.proxy.gate.serve(site.serviceId, fullShares(replica));
    const waiting = Promise.allSettled([node.proxy.gate.serve(site.serviceId, [])]);
    await node.proxy.stop({ leaveServing: true });
    expect(await waiting).toMatchObject([{ status: 'rejected', reason: { message: expect.stringContaining('ends') } }]);
    expect(await ask(node)).toBe(replica.containerId);
  });
});

/** A request whose answer has begun and does not end. */
function openSlow(port: number): Promise<NodeJS.ReadableStream> {
  return new Promise((resolve, reject) => {
    const asking = requestHttp({ host: '127.0.0.1', port, path: '/slow', agent: false, headers: { host: HOST } });
    asking.on('error', reject);
    asking.on('response', resolve);
    asking.end();
  });
}

async function readSite({ proxy }: TestProxy, serviceId: string): Promise<string> {
  const sites = await proxy.renderedSites();
  return sites.find((site) => site.serviceId === serviceId)?.text ?? '';
}
