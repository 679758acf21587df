import { randomUUID } from 'node:crypto';
import { readFile, readlink } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { ContainerResolution } from './proxy.ts';
import { buildDesiredState, buildSite, type SiteDraft } from './testing/build-site.ts';
import { sendRequest } from './testing/send-request.ts';
import { startBackend, type Backend } from './testing/start-backend.ts';
import { endNginx, makeSettings, startProxy } from './testing/start-proxy.ts';

const bound = { timeout: 20_000, interval: 50 };

describe('faults', () => {
  let backend: Backend;
  beforeEach(async () => {
    backend = await startBackend('backend');
  });
  afterEach(async () => {
    await backend[Symbol.asyncDispose]();
  });

  const siteOf = (domain: string, draft: Partial<SiteDraft> = {}) =>
    buildSite({ name: domain, domains: [domain], target: { host: '127.0.0.1', port: backend.port }, ...draft });
  const ask = (port: number, host: string) => sendRequest({ port, host });

  it('reports a port that another process holds, keeps the old configuration, and a restart of nginx works', async () => {
    const settings = await makeSettings();
    onTestFinished(() => endNginx(settings));
    const first = await startProxy(settings);
    const one = buildDesiredState(siteOf('one.example.com'));
    await first.proxy.apply(one);
    await first.proxy.stop({ leaveServing: true });
    const before = await readlink(join(settings.directory, 'current'));

    // The operator moves the node to a port that is taken: `nginx -t` and the reload both succeed.
    const holder = await holdPort(0);
    const { port } = holder.address() as { port: number };
    await using moved = await startProxy({ ...settings, httpPort: port });
    const two = buildDesiredState(siteOf('one.example.com'), siteOf('two.example.com'));
    const result = await moved.proxy.apply(two);
    expect(result).toMatchObject({
      outcome: 'rejected',
      revision: two.revision,
      reason: `bind() to 127.0.0.1:${port} failed (98: Address already in use)`,
    });
    expect(await readlink(join(settings.directory, 'current'))).toBe(before);
    expect((await ask(settings.httpPort, 'one.example.com')).status).toBe(200);
    expect(moved.proxy.appliedRevision()).toBe(one.revision);

    await moved.proxy.stop({ leaveServing: false });
    await using again = await startProxy(settings);
    expect(again.proxy.status()).toMatchObject({ state: 'serving', reason: null });
    expect((await ask(settings.httpPort, 'one.example.com')).status).toBe(200);
    await close(holder);
  });

  it('tries again when the port of the first start is free at last', async () => {
    const settings = await makeSettings();
    onTestFinished(() => endNginx(settings));
    const holder = await holdPort(settings.httpPort);
    await using node = await startProxy(settings);
    expect(node.proxy.status()).toMatchObject({
      state: 'failed',
      reason: `bind() to 127.0.0.1:${settings.httpPort} failed (98: Address already in use)`,
    });
    expect(await node.proxy.apply(buildDesiredState(siteOf('one.example.com')))).toMatchObject({ outcome: 'rejected' });
    await close(holder);
    await vi.waitFor(() => expect(node.proxy.status().state).toBe('serving'), bound);
    await vi.waitFor(async () => expect((await ask(settings.httpPort, 'one.example.com')).status).toBe(200), bound);
    expect(node.results.at(-1)).toMatchObject({ outcome: 'applied' });
  });

  it('leaves out sites with TLS alone when only the HTTPS port is held', async () => {
    const settings = await makeSettings();
    onTestFinished(() => endNginx(settings));
    const holder = await holdPort(settings.httpsPort);
    await using node = await startProxy(settings);
    const secure = siteOf('secure.example.com', { tls: { mode: 'self_signed' } });
    const result = await node.proxy.apply(buildDesiredState(siteOf('plain.example.com'), secure));
    expect(result).toMatchObject({
      outcome: 'applied',
      rejectedSites: [{ serviceId: secure.serviceId, reason: expect.stringContaining('Address already in use') }],
    });
    expect((await ask(settings.httpPort, 'plain.example.com')).status).toBe(200);
    await close(holder);
    await node.proxy.reresolve();
    expect(node.results.at(-1)).toMatchObject({ outcome: 'applied', rejectedSites: [] });
    expect((await sendRequest({ port: settings.httpsPort, host: 'secure.example.com', tls: true })).status).toBe(200);
  });

  it.each([
    {
      name: 'a host that does not resolve',
      draft: { target: { host: 'nowhere.invalid', port: 80 } },
      reason: 'host not found in upstream "nowhere.invalid"',
    },
    {
      name: 'a container that is not there',
      draft: { target: { container: 'gone', port: 80 } },
      reason: 'container gone does not exist',
    },
    {
      name: 'an unknown variable, for which nginx names no file',
      draft: { requestHeaders: [{ name: 'X-Odd', value: '$nope' }] },
      reason: 'unknown "nope" variable',
    },
    {
      name: 'a combination that nginx refuses',
      draft: {
        balancing: 'client_address' as const,
        additionalTargets: [{ host: '127.0.0.1', port: 9, backup: true }],
      },
      reason: /balancing method does not support parameter "backup" in .*\.conf:\d+/,
    },
  ])('leaves out $name among 20 sites, and says so', async ({ draft, reason }) => {
    await using node = await startProxy(await makeSettings());
    const good = Array.from({ length: 19 }, (_, index) => siteOf(`site-${index}.example.com`));
    const bad = siteOf('bad.example.com', draft);
    const result = await node.proxy.apply(buildDesiredState(...good.slice(0, 7), bad, ...good.slice(7)));
    expect(result).toMatchObject({ outcome: 'applied' });
    expect(result).toHaveProperty('rejectedSites', [
      { serviceId: bad.serviceId, serviceRevision: 1, reason: expect.stringMatching(reason) },
    ]);
    for (const site of good) expect((await ask(node.settings.httpPort, site.name)).status).toBe(200);
    await expect(ask(node.settings.httpPort, 'bad.example.com')).rejects.toThrow('socket hang up');
  });

  it('serves on all addresses of the host unless it is told one', async () => {
    await using node = await startProxy({ ...(await makeSettings()), listenAddress: null });
    await node.proxy.apply(buildDesiredState(siteOf('one.example.com', { tls: { mode: 'self_signed' } })));
    const { httpPort, httpsPort } = node.settings;
    for (const address of ['127.0.0.1', ...readIpv6Loopback()]) {
      expect((await sendRequest({ port: httpPort, host: 'one.example.com', address })).status).toBe(200);
      expect((await sendRequest({ port: httpsPort, host: 'one.example.com', address, tls: true })).status).toBe(200);
    }
  });

  it('keeps serving a site’s earlier version when the new one is refused', async () => {
    await using node = await startProxy(await makeSettings());
    const serviceId = randomUUID();
    const good = siteOf('shop.example.com', { serviceId });
    await node.proxy.apply(buildDesiredState(good));
    const bad = { ...good, serviceRevision: 2, requestHeaders: [{ name: 'X-Odd', value: '$nope' }] };
    const desired = buildDesiredState(bad, siteOf('other.example.com'));
    expect(await node.proxy.apply(desired)).toMatchObject({
      outcome: 'applied',
      rejectedSites: [{ serviceId, serviceRevision: 2, reason: 'unknown "nope" variable' }],
    });
    expect((await ask(node.settings.httpPort, 'shop.example.com')).status).toBe(200);
    expect((await ask(node.settings.httpPort, 'other.example.com')).status).toBe(200);
    const shown = await node.proxy.renderedSites();
    expect(shown.map(({ serviceRevision }) => serviceRevision)).toEqual([1, 1]);
  });

  it('refuses what came past the schemas and lets none of it reach a file', async () => {
    await using node = await startProxy(await makeSettings());
    const bad = { ...siteOf('a.example.com'), domains: ['a.com; return 200 x;'] };
    const desired = { ...buildDesiredState(siteOf('good.example.com')), sites: [siteOf('good.example.com'), bad] };
    expect(await node.proxy.apply(desired)).toMatchObject({
      outcome: 'applied',
      rejectedSites: [{ serviceId: bad.serviceId, reason: expect.stringContaining('domains') }],
    });
    const main = await readFile(join(node.settings.directory, 'current', 'nginx.conf'), 'utf8');
    expect(main).not.toContain('return 200 x');
  });

  it('follows a container to its new address, and answers 502 while it is away', async () => {
    let found: ContainerResolution = { state: 'available', endpoints: [{ address: '127.0.0.1', port: 9 }] };
    await using node = await startProxy(await makeSettings(), { resolveContainer: () => found });
    await node.proxy.apply(buildDesiredState(siteOf('app.example.com', { target: { container: 'app', port: 80 } })));
    expect((await ask(node.settings.httpPort, 'app.example.com')).status).toBe(502);

    found = { state: 'available', endpoints: [{ address: '127.0.0.1', port: backend.port }] };
    await node.proxy.reresolve();
    expect((await ask(node.settings.httpPort, 'app.example.com')).status).toBe(200);

    found = { state: 'unknown', reason: 'Docker does not answer' };
    await node.proxy.reresolve();
    expect((await ask(node.settings.httpPort, 'app.example.com')).status).toBe(200);

    found = { state: 'unavailable', reason: 'container app does not run' };
    await node.proxy.reresolve();
    expect((await ask(node.settings.httpPort, 'app.example.com')).status).toBe(502);
    expect(node.results).toEqual([]);
  });

  it('starts nginx again when its master is killed, though workers live on and hold the ports', async () => {
    await using node = await startProxy(await makeSettings());
    await node.proxy.apply(buildDesiredState(siteOf('one.example.com')));
    const pidFile = join(node.settings.directory, 'run', 'nginx.pid');
    const master = Number(await readFile(pidFile, 'utf8'));
    process.kill(master, 'SIGKILL');
    await vi.waitFor(async () => expect(Number(await readFile(pidFile, 'utf8'))).not.toBe(master), bound);
    await vi.waitFor(() => expect(node.proxy.status().state).toBe('serving'), bound);
    expect((await ask(node.settings.httpPort, 'one.example.com')).status).toBe(200);
  });

  it('applies the newest of what piles up, and answers for the others', async () => {
    await using node = await startProxy(await makeSettings());
    const states = [1, 2, 3, 4].map((number) => buildDesiredState(siteOf(`site-${number}.example.com`)));
    const outcomes = await Promise.all(states.map((state) => node.proxy.apply(state)));
    expect(outcomes.map(({ outcome }) => outcome).slice(1)).toEqual(['superseded', 'superseded', 'applied']);
    expect(node.proxy.appliedRevision()).toBe(states.at(-1)?.revision);
    expect((await ask(node.settings.httpPort, 'site-4.example.com')).status).toBe(200);
  });

  it('changes nothing when the same desired state is applied twice', async () => {
    await using node = await startProxy(await makeSettings());
    const desired = buildDesiredState(siteOf('one.example.com'));
    await node.proxy.apply(desired);
    const before = await readlink(join(node.settings.directory, 'current'));
    expect(await node.proxy.apply(desired)).toMatchObject({ outcome: 'applied' });
    expect(await readlink(join(node.settings.directory, 'current'))).toBe(before);
  });

  it('does not reload for what nginx does not read, and knows it after a restart', async () => {
    const settings = await makeSettings();
    onTestFinished(() => endNginx(settings));
    const steps: string[] = [];
    const onStep = (step: string): void => void steps.push(step);
    const first = await startProxy(settings, { onStep });
    const one = siteOf('one.example.com');
    const before = buildDesiredState(one);
    await first.proxy.apply(before);
    expect(steps, 'the control: a first configuration is put in place').toContain('reloaded');
    const current = await readlink(join(settings.directory, 'current'));

    steps.length = 0;
    const after = buildDesiredState({ ...one, serviceRevision: 2, metricsPath: '/metrics' });
    expect(await first.proxy.apply(after)).toMatchObject({ outcome: 'applied', revision: after.revision });
    expect(steps).toEqual([]);
    expect(await readlink(join(settings.directory, 'current'))).toBe(current);
    expect(first.proxy.appliedRevision()).toBe(after.revision);
    expect(first.siteConfigs.map(({ serviceRevision }) => serviceRevision)).toEqual([1, 2]);
    expect(first.siteConfigs[1]?.text).toBe(first.siteConfigs[0]?.text);
    await first.proxy.stop({ leaveServing: true });

    await using second = await startProxy(settings, { onStep });
    expect(second.proxy.appliedRevision()).toBe(after.revision);
    expect(second.proxy.wantedSites()).toMatchObject([{ serviceRevision: 2, metricsPath: '/metrics' }]);

    const back = buildDesiredState({ ...one, serviceRevision: 3, gzip: false });
    await second.proxy.apply(back);
    expect(steps, 'the control: what nginx reads is reloaded').toContain('reloaded');
    const again = buildDesiredState({ ...one, serviceRevision: 4 });
    expect(await second.proxy.apply(again)).toMatchObject({ outcome: 'applied' });
    expect(await readlink(join(settings.directory, 'current')), 'a release that was there').toBe(current);
    await second.proxy.stop({ leaveServing: false });
    await using third = await startProxy(settings);
    expect(third.proxy.appliedRevision()).toBe(again.revision);
  });

  it('serves from disk after a restart, and knows what it serves', async () => {
    const settings = await makeSettings();
    onTestFinished(() => endNginx(settings));
    const desired = buildDesiredState(siteOf('one.example.com'));
    const first = await startProxy(settings);
    await first.proxy.apply(desired);
    await first.proxy.stop({ leaveServing: true });
    expect((await ask(settings.httpPort, 'one.example.com')).status).toBe(200);

    const adopting = await startProxy(settings);
    expect(adopting.proxy.appliedRevision()).toBe(desired.revision);
    await adopting.proxy.stop({ leaveServing: false });
    await expect(ask(settings.httpPort, 'one.example.com')).rejects.toThrow('ECONNREFUSED');

    await using starting = await startProxy(settings);
    expect(starting.proxy.appliedRevision()).toBe(desired.revision);
    expect((await ask(settings.httpPort, 'one.example.com')).status).toBe(200);
  });
});

function holdPort(port: number): Promise<Server> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}

/** `::1` where the kernel has IPv6. */
function readIpv6Loopback(): string[] {
  const interfaces = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return interfaces.some(({ address }) => address === '::1') ? ['::1'] : [];
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
