import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RefusedNetwork } from '../../shared/ban-gate.ts';
import type { ProxyDeps } from '../proxy.ts';
import { buildDesiredState, buildSite, type SiteDraft } from '../testing/build-site.ts';
import { sendRequest } from '../testing/send-request.ts';
import { startBackend, type Backend } from '../testing/start-backend.ts';
import { makeSettings, startProxy, type TestProxy } from '../testing/start-proxy.ts';

const CLIENT = '203.0.113.7';
const everywhere = (network: string): RefusedNetwork => ({ network, serviceId: null });

describe('bans', () => {
  let backend: Backend;
  let steps: string[];
  beforeEach(async () => {
    backend = await startBackend('shop');
    steps = [];
  });
  afterEach(() => backend[Symbol.asyncDispose]());

  const start = async (settings = makeSettings(), overrides: Partial<ProxyDeps> = {}): Promise<TestProxy> =>
    startProxy(await settings, { onStep: (step) => void steps.push(step), ...overrides });
  /** Believes this host, so that a test can be any client. */
  const siteOf = (draft: Partial<SiteDraft> = {}) =>
    buildSite({ target: { host: '127.0.0.1', port: backend.port }, trustedProxies: ['127.0.0.0/8'], ...draft });
  const ask = async ({ settings }: TestProxy, client = CLIENT, host = 'shop.example.com'): Promise<number | string> => {
    const headers = { 'x-forwarded-for': client };
    try {
      return (await sendRequest({ port: settings.httpPort, host, headers })).status;
    } catch (error) {
      return error instanceof Error && 'code' in error ? String(error.code) : String(error);
    }
  };
  const countReloads = (): number => steps.filter((step) => step === 'reloaded').length;

  it('refuse a client on all sites until it is lifted, and nobody else', async () => {
    await using node = await start();
    await node.proxy.apply(buildDesiredState(siteOf(), siteOf({ domains: ['blog.example.com'] })));
    expect(await ask(node)).toBe(200);
    await node.proxy.bans.setBans({ added: [everywhere(`${CLIENT}/32`)], lifted: [] });
    expect(await Promise.all([ask(node), ask(node, CLIENT, 'blog.example.com')])).toEqual([403, 403]);
    expect(await ask(node, '203.0.113.8'), 'its neighbour').toBe(200);
    await node.proxy.bans.setBans({ added: [], lifted: [everywhere(`${CLIENT}/32`)] });
    expect(await ask(node)).toBe(200);
  });

  it.each([
    ['2001:db8:1:2::/64', '2001:db8:1:2:ffff::1', '2001:db8:1:3::1'],
    ['203.0.113.0/24', '203.0.113.255', '203.0.114.1'],
  ])('refuse %s', async (network, inside, outside) => {
    await using node = await start();
    await node.proxy.apply(buildDesiredState(siteOf()));
    await node.proxy.bans.setBans({ added: [everywhere(network)], lifted: [] });
    expect(await Promise.all([ask(node, inside), ask(node, outside)])).toEqual([403, 200]);
  });

  it('refuse a client on the sites that they are about', async () => {
    await using node = await start();
    const [shop, blog] = [siteOf(), siteOf({ domains: ['blog.example.com'] })];
    await node.proxy.apply(buildDesiredState(shop, blog));
    const added = [
      { network: `${CLIENT}/32`, serviceId: shop.serviceId },
      { network: '203.0.113.0/24', serviceId: blog.serviceId },
    ];
    await node.proxy.bans.setBans({ added, lifted: [] });
    const hosts = ['shop.example.com', 'blog.example.com'];
    expect(await Promise.all(hosts.map((host) => ask(node, CLIENT, host)))).toEqual([403, 403]);
    expect(await Promise.all(hosts.map((host) => ask(node, '203.0.113.9', host)))).toEqual([200, 403]);
  });

  it('close the connection where a site says so', async () => {
    await using node = await start();
    await node.proxy.apply(buildDesiredState(siteOf({ firewall: { banAnswer: 'close' } })));
    await node.proxy.bans.setBans({ added: [everywhere(`${CLIENT}/32`)], lifted: [] });
    expect(await ask(node)).toBe('ECONNRESET');
  });

  it('are not for whom a stranger names in a header', async () => {
    await using node = await start();
    await node.proxy.apply(buildDesiredState(siteOf({ trustedProxies: [] })));
    await node.proxy.bans.setBans({ added: [everywhere(`${CLIENT}/32`)], lifted: [] });
    expect(await ask(node, CLIENT), 'the peer is another').toBe(200);
  });

  it('cost one reload for the first and one a second for the others, however many they are', async () => {
    await using node = await start();
    await node.proxy.apply(buildDesiredState(siteOf()));
    steps = [];
    const startedAt = performance.now();
    await node.proxy.bans.setBans({ added: [everywhere(`${CLIENT}/32`)], lifted: [] });
    expect(performance.now() - startedAt, 'the first does not wait for the second to be over').toBeLessThan(900);
    const others = Array.from({ length: 500 }, (_, index) => `198.51.${100 + Math.floor(index / 250)}.${index % 250}`);
    await Promise.all(others.map((one) => node.proxy.bans.setBans({ added: [everywhere(`${one}/32`)], lifted: [] })));
    expect(countReloads()).toBe(2);
    expect(performance.now() - startedAt).toBeGreaterThan(990);
    expect(await Promise.all([others[0], others[499]].map((one) => ask(node, one)))).toEqual([403, 403]);
  });

  it('change nothing when they are there already', async () => {
    await using node = await start();
    await node.proxy.apply(buildDesiredState(siteOf()));
    await node.proxy.bans.setBans({ added: [everywhere(`${CLIENT}/32`)], lifted: [] });
    steps = [];
    await node.proxy.bans.setBans({ added: [everywhere(`${CLIENT}/32`)], lifted: [everywhere('192.0.2.1/32')] });
    expect(countReloads()).toBe(0);
    expect(await ask(node)).toBe(403);
  });

  it('are in force from the first configuration on, and in each that follows', async () => {
    await using node = await start(makeSettings(), { refusedAtStart: [everywhere(`${CLIENT}/32`)] });
    const site = siteOf();
    await node.proxy.apply(buildDesiredState(site));
    expect(await ask(node)).toBe(403);
    await node.proxy.apply(buildDesiredState(siteOf({ serviceId: site.serviceId, serviceRevision: 2, gzip: false })));
    expect(await ask(node)).toBe(403);
  });

  it('stay in force when the agent ends, and when nginx is started anew', async () => {
    const settings = await makeSettings();
    const first = await start(Promise.resolve(settings));
    await first.proxy.apply(buildDesiredState(siteOf()));
    await first.proxy.bans.setBans({ added: [everywhere(`${CLIENT}/32`)], lifted: [] });
    await first.proxy.stop({ leaveServing: true });
    expect(await ask(first)).toBe(403);
    const refusedAtStart = [everywhere(`${CLIENT}/32`)];
    const second = await start(Promise.resolve(settings), { refusedAtStart });
    expect(await ask(second)).toBe(403);
    await second.proxy.stop({ leaveServing: false });
    await using next = await start(Promise.resolve(settings), { refusedAtStart });
    expect(await ask(next)).toBe(403);
    expect(await ask(next, '203.0.113.8')).toBe(200);
  });

  it('that are no networks are refused, and disturb no other', async () => {
    await using node = await start();
    await node.proxy.apply(buildDesiredState(siteOf()));
    const setting = node.proxy.bans.setBans({ added: [everywhere('203.0.113.7; }')], lifted: [] });
    await expect(setting).rejects.toThrow('is not a network');
    await node.proxy.bans.setBans({ added: [everywhere(`${CLIENT}/32`)], lifted: [] });
    expect(await ask(node)).toBe(403);
  });

  it('leave no more files behind than there are releases', async () => {
    await using node = await start();
    await node.proxy.apply(buildDesiredState(siteOf()));
    for (let index = 1; index <= 4; index += 1) {
      await node.proxy.bans.setBans({ added: [everywhere(`198.51.100.${index}/32`)], lifted: [] });
    }
    const list = (folder: string) => readdir(join(node.settings.directory, folder));
    expect((await list('bans')).length).toBeLessThanOrEqual((await list('releases')).length);
  });
});

describe('limits', () => {
  it('answer 429 to what one client sends beyond, and serve the others', async () => {
    await using backend = await startBackend('shop');
    await using node = await startProxy(await makeSettings());
    const site = buildSite({
      target: { host: '127.0.0.1', port: backend.port },
      trustedProxies: ['127.0.0.0/8'],
      firewall: { requestLimit: { requestsPerSecond: 1, burst: 4 } },
    });
    await node.proxy.apply(buildDesiredState(site));
    const ask = async (client: string): Promise<number> => {
      const draft = { port: node.settings.httpPort, host: 'shop.example.com', headers: { 'x-forwarded-for': client } };
      return (await sendRequest(draft)).status;
    };
    const answers = await Promise.all(Array.from({ length: 30 }, () => ask(CLIENT)));
    expect(answers.filter((status) => status === 429).length).toBeGreaterThan(20);
    expect(answers.filter((status) => status === 200).length).toBeGreaterThanOrEqual(5);
    expect(await ask('203.0.113.8')).toBe(200);
  });
});
