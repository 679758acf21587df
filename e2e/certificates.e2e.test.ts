import { createService, listAgents, replaceCertificate, uploadCertificate } from '@flotilla/contracts';
import { makeCertificate } from '@flotilla/runtime/certificates';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiClient } from './harness/api.ts';
import { startBackend, type Backend } from './harness/backend.ts';
import { ExtraAgent } from './harness/extra-agent.ts';
import { fetchThroughProxy } from './harness/proxy-client.ts';
import { findFreePorts, FlotillaSystem } from './harness/system.ts';
import { waitFor } from './harness/wait.ts';

const DOMAIN = 'shop.example.com';
const DAY_MS = 86_400_000;
const BOUND_MS = 30_000;

async function makePair(): Promise<{ certificate: string; key: string }> {
  const notBefore = new Date(Date.now() - 60_000);
  const pem = await makeCertificate({
    domains: [DOMAIN],
    notBefore,
    notAfter: new Date(notBefore.getTime() + 90 * DAY_MS),
  });
  const at = pem.indexOf('-----BEGIN PRIVATE');
  return { certificate: pem.slice(0, at), key: pem.slice(at) };
}

/** From an upload to the handshakes of two nodes. */
describe('a certificate of your own', () => {
  let system: FlotillaSystem;
  let api: ApiClient;
  let backend: Backend;
  let second: ExtraAgent;
  let ports: { http: number; https: number }[];
  let serviceId: string;
  let certificateId: string;

  beforeAll(async () => {
    backend = await startBackend('shop');
    system = await FlotillaSystem.create();
    await system.start();
    api = await system.signIn();
    const [httpPort, httpsPort] = await findFreePorts();
    second = await ExtraAgent.join(api, { name: 'second', dir: join(system.dataDir, 'second'), httpPort, httpsPort });
    ports = [
      { http: system.proxyHttpPort, https: system.proxyHttpsPort },
      { http: httpPort, https: httpsPort },
    ];
    const agents = await waitFor('two nodes', async () => {
      const { items } = await api.expect(listAgents);
      const online = items.filter(({ status }) => status === 'online');
      return online.length === 2 ? online : null;
    });
    const service = await api.expect(createService, { body: draft(agents.map(({ id }) => id)) });
    serviceId = service.id;
  });
  afterAll(async () => {
    await second.stop();
    await system.destroy();
    await backend.stop();
  });

  const draft = (agentIds: string[]) => ({
    name: 'shop',
    domains: [DOMAIN],
    agentIds,
    target: { host: '127.0.0.1', port: backend.port },
    tls: { mode: 'certificate' as const, redirectHttp: true },
  });
  const askPlain = async (port: number) => (await fetchThroughProxy(port, DOMAIN).catch(() => null))?.status ?? null;
  /** The fingerprint that a node shows; null while nobody answers. */
  const readFingerprint = (port: number): Promise<string | null> =>
    new Promise((resolve) => {
      const socket = connect({ host: '127.0.0.1', port, servername: DOMAIN, rejectUnauthorized: false }, () => {
        resolve(socket.getPeerCertificate().fingerprint256);
        socket.destroy();
      });
      socket.on('error', () => resolve(null));
    });
  const waitForAll = (fingerprint: string) =>
    waitFor(
      'all nodes to show the certificate',
      async () => {
        const shown = await Promise.all(ports.map(({ https }) => readFingerprint(https)));
        return shown.every((one) => one === fingerprint) ? true : null;
      },
      BOUND_MS,
    );

  it('is not there yet: HTTP is served, and nobody is sent to HTTPS', async () => {
    for (const { http, https } of ports) {
      await waitFor(`port ${http}`, async () => ((await askPlain(http)) === 200 ? true : null), BOUND_MS);
      expect(await readFingerprint(https), 'the node’s own').not.toBeNull();
    }
  });

  it('reaches all nodes of the service, and from then on HTTP sends there', async () => {
    const { id, fingerprint, services } = await api.expect(uploadCertificate, { body: await makePair() });
    certificateId = id;
    expect(services.map((service) => service.id)).toEqual([serviceId]);
    await waitForAll(fingerprint);
    expect(await Promise.all(ports.map(({ http }) => askPlain(http)))).toEqual([308, 308]);
  });

  it('gives way to a newer one without a handshake that fails', async () => {
    const [before] = await Promise.all(ports.map(({ https }) => readFingerprint(https)));
    let failed = 0;
    let isOver = false;
    const shaking = (async () => {
      while (!isOver) if ((await readFingerprint(ports[0]?.https ?? 0)) === null) failed += 1;
    })();
    const { fingerprint } = await api.expect(replaceCertificate, {
      params: { id: certificateId },
      body: await makePair(),
    });
    await waitForAll(fingerprint);
    isOver = true;
    await shaking;
    expect([fingerprint === before, failed]).toEqual([false, 0]);
  });

  it('is served without the Core, also after a restart of the agent', async () => {
    const shown = await readFingerprint(ports[1]?.https ?? 0);
    expect((await system.run('down')).exitCode).toBe(0);
    await second.stop();
    expect(await readFingerprint(ports[1]?.https ?? 0), 'nginx stops with this agent').toBeNull();
    second.start();
    await waitFor(
      'the second node',
      async () => ((await readFingerprint(ports[1]?.https ?? 0)) === shown ? true : null),
      BOUND_MS,
    );
  });
});
