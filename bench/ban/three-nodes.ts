import { createService, listAgents, type Service } from '@flotilla/contracts';
import {
  ExtraAgent,
  findFreePorts,
  startBackend,
  waitFor,
  type ApiClient,
  type FlotillaSystem,
} from '@flotilla/e2e/harness';
import { request } from 'node:http';
import { join } from 'node:path';

const DOMAIN = 'shop.example.com';

export interface ThreeNodes extends AsyncDisposable {
  readonly service: Service;
  /** Of each node's nginx. */
  readonly ports: readonly number[];
  /** Asks a node as a client would; the service trusts this host's word on who that is. @returns the status */
  readonly ask: (port: number, client: string, path?: string) => Promise<number>;
}

/** Three nodes, each an agent with an nginx of its own, that serve one service. */
export async function startThreeNodes(system: FlotillaSystem, api: ApiClient): Promise<ThreeNodes> {
  const backend = await startBackend('shop');
  const ports = [system.proxyHttpPort];
  const extras: ExtraAgent[] = [];
  for (const name of ['second', 'third']) {
    const [httpPort, httpsPort] = await findFreePorts();
    ports.push(httpPort);
    extras.push(await ExtraAgent.join(api, { name, dir: join(system.dataDir, name), httpPort, httpsPort }));
  }
  const agents = await waitFor('three nodes to be online', async () => {
    const { items } = await api.expect(listAgents);
    return items.length === 3 && items.every(({ status }) => status === 'online') ? items : null;
  });
  const service = await api.expect(createService, {
    body: {
      name: 'shop',
      domains: [DOMAIN],
      agentIds: agents.map(({ id }) => id),
      target: { host: '127.0.0.1', port: backend.port },
      trustedProxies: ['127.0.0.0/8'],
    },
  });
  for (const port of ports) {
    await waitFor(`port ${port} to serve`, async () =>
      (await ask(port, '192.0.2.1').catch(() => 0)) === 200 ? true : null,
    );
  }
  return {
    service,
    ports,
    ask,
    [Symbol.asyncDispose]: async () => {
      await Promise.all(extras.map((extra) => extra.stop()));
      await backend.stop();
    },
  };
}

function ask(port: number, client: string, path = '/'): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { host: DOMAIN, 'x-forwarded-for': client };
    const asking = request({ host: '127.0.0.1', port, path, headers, agent: false, timeout: 10_000 }, (response) => {
      response.resume();
      response.on('error', reject);
      response.on('end', () => resolve(response.statusCode ?? 0));
    });
    asking.on('timeout', () => asking.destroy(new Error(`port ${port} did not answer within 10 s`)));
    asking.on('error', reject);
    asking.end();
  });
}
