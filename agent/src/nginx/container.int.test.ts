import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { ProxySettings } from './proxy.ts';
import { buildDesiredState, buildSite, hashPassword, type SiteDraft } from './testing/build-site.ts';
import { sendRequest } from './testing/send-request.ts';
import { startBackend } from './testing/start-backend.ts';
import { DOCKER_SOCKET, startNginxContainer } from './testing/start-nginx-container.ts';
import { endNginx, makeSettings, startProxy } from './testing/start-proxy.ts';

const HOST = 'shop.example.com';
function makeContainerSettings(container: string, settings: ProxySettings): ProxySettings {
  return { ...settings, mode: { kind: 'container', container, dockerSocket: DOCKER_SOCKET } };
}

describe.skipIf(process.env['FLOTILLA_TEST_DOCKER'] === '0')('nginx in a container', () => {
  it('drives an nginx in a container as it drives a process', async () => {
    await using backend = await startBackend('backend');
    const settings = await makeSettings();
    onTestFinished(() => endNginx(settings));
    await using container = await startNginxContainer(settings.directory);
    await using node = await startProxy(makeContainerSettings(container.name, settings));
    expect(node.proxy.status()).toMatchObject({ state: 'serving', reason: null });

    const serviceId = buildSite().serviceId;
    const apply = (serviceRevision: number, draft: Partial<SiteDraft>) =>
      node.proxy.apply(
        buildDesiredState(
          buildSite({ serviceId, serviceRevision, target: { host: '127.0.0.1', port: backend.port }, ...draft }),
        ),
      );
    const ask = (headers: Record<string, string> = {}) => sendRequest({ port: settings.httpPort, host: HOST, headers });

    const users = [{ username: 'alice', passwordHash: hashPassword('correct horse') }];
    expect(await apply(1, { basicAuth: { users, realm: 'Staff' } })).toMatchObject({
      outcome: 'applied',
      rejectedSites: [],
    });
    expect((await ask()).status).toBe(401);
    const authorization = `Basic ${Buffer.from('alice:correct horse').toString('base64')}`;
    expect((await ask({ authorization })).status).toBe(200);

    expect(await apply(2, { requestHeaders: [{ name: 'X-Odd', value: '$nope' }] })).toMatchObject({
      outcome: 'applied',
      rejectedSites: [{ serviceRevision: 2, reason: 'unknown "nope" variable' }],
    });
    expect((await ask()).status).toBe(401);

    expect(await apply(3, { tls: { mode: 'self_signed' } })).toMatchObject({ outcome: 'applied', rejectedSites: [] });
    expect((await sendRequest({ port: settings.httpsPort, host: HOST, tls: true })).status).toBe(200);

    await container.kill();
    await vi.waitFor(async () => expect((await ask()).status).toBe(200), { timeout: 20_000, interval: 100 });
  }, 60_000);

  it('says so when the container does not see the folder', async () => {
    const [settings, other] = [await makeSettings(), await makeSettings()];
    onTestFinished(async () => {
      await endNginx(settings);
      await endNginx(other);
    });
    await using container = await startNginxContainer(other.directory);
    await using node = await startProxy(makeContainerSettings(container.name, settings));
    expect(node.proxy.status()).toMatchObject({
      state: 'failed',
      reason: `${container.name} does not see ${settings.directory}: mount the folder there under the same path`,
    });
  });

  it('says so when there is no such container', async () => {
    await using node = await startProxy(makeContainerSettings('flotilla-test-nobody', await makeSettings()));
    expect(node.proxy.status()).toMatchObject({
      state: 'failed',
      reason: expect.stringContaining('No such container: flotilla-test-nobody'),
    });
  });
});
