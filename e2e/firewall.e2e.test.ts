import {
  allowNetworks,
  banNetworks,
  createService,
  disallowNetwork,
  liftBan,
  listAgents,
  listBans,
  type BanView,
} from '@flotilla/contracts';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiClient } from './harness/api.ts';
import { startBackend, type Backend } from './harness/backend.ts';
import { ExtraAgent } from './harness/extra-agent.ts';
import { fetchThroughProxy } from './harness/proxy-client.ts';
import { findFreePorts, FlotillaSystem } from './harness/system.ts';
import { waitFor } from './harness/wait.ts';

const DOMAIN = 'shop.example.com';
const BOUND_MS = 30_000;

/** Three nodes on one machine; whoever asks is whom the header names, because the service trusts this host. */
describe('the firewall', () => {
  let system: FlotillaSystem;
  let api: ApiClient;
  let backend: Backend;
  let extras: ExtraAgent[];
  let ports: number[];

  beforeAll(async () => {
    backend = await startBackend('shop');
    system = await FlotillaSystem.create();
    await system.start();
    api = await system.signIn();
    ports = [system.proxyHttpPort];
    extras = [];
    for (const name of ['second', 'third']) {
      const [httpPort, httpsPort] = await findFreePorts();
      ports.push(httpPort);
      extras.push(await ExtraAgent.join(api, { name, dir: join(system.dataDir, name), httpPort, httpsPort }));
    }
    const agents = await waitFor('three nodes', async () => {
      const { items } = await api.expect(listAgents);
      const online = items.filter(({ status }) => status === 'online');
      return online.length === 3 ? online : null;
    });
    await api.expect(createService, {
      body: {
        name: 'shop',
        domains: [DOMAIN],
        agentIds: agents.map(({ id }) => id),
        target: { host: '127.0.0.1', port: backend.port },
        trustedProxies: ['127.0.0.0/8'],
        firewall: { banAbove: { requestsPerSecond: 20, burst: 40 } },
      },
    });
    for (const port of ports)
      await waitFor(`port ${port}`, async () => ((await ask(port)) === 200 ? true : null), BOUND_MS);
  });
  afterAll(async () => {
    await Promise.all(extras.map((extra) => extra.stop()));
    await system.destroy();
    await backend.stop();
  });

  const ask = async (port: number, client = '192.0.2.99', path = '/'): Promise<number | null> => {
    const answer = await fetchThroughProxy(port, DOMAIN, path, { 'x-forwarded-for': client }).catch(() => null);
    return answer?.status ?? null;
  };
  const askAll = (client: string): Promise<(number | null)[]> => Promise.all(ports.map((port) => ask(port, client)));
  const waitForAll = (client: string, status: number) =>
    waitFor(
      `${client} to get ${status} on all nodes`,
      async () => ((await askAll(client)).every((one) => one === status) ? true : null),
      BOUND_MS,
    );
  const findBan = (target: string): Promise<BanView> =>
    waitFor(`the ban of ${target}`, async () => {
      const { items } = await api.expect(listBans, { query: { search: target } });
      return items.find((ban) => ban.target === target) ?? null;
    });

  it('refuses on all nodes whom an operator bans, says so, and answers again when the ban is lifted', async () => {
    await api.expect(banNetworks, { body: { targets: ['203.0.113.10'], comment: 'scraper' } });
    await waitForAll('203.0.113.10', 403);
    expect(await askAll('203.0.113.11'), 'nobody else').toEqual([200, 200, 200]);
    const ban = await waitFor('all nodes to say so', async () => {
      const shown = await findBan('203.0.113.10/32');
      return shown.enforcing === 3 ? shown : null;
    });
    expect(ban).toMatchObject({ nodes: 3, reason: { by: 'operator', comment: 'scraper' } });
    await api.expect(liftBan, { params: { id: ban.id } });
    await waitForAll('203.0.113.10', 200);
  });

  it('bans everywhere who attacks two nodes, with the lines that show it', async () => {
    const client = '203.0.113.20';
    const attack = `/?id=${encodeURIComponent("1' or '1'='1")}`;
    for (const port of ports.slice(0, 2)) expect(await ask(port, client, attack)).toBe(200);
    await waitForAll(client, 403);
    const ban = await findBan(`${client}/32`);
    expect(ban).toMatchObject({ scope: { kind: 'fleet' }, reason: { by: 'rule' } });
    expect(ban.evidence.join('\n')).toContain(`${client} "GET ${attack} HTTP/1.1" 200`);
    expect(await askAll('203.0.113.21')).toEqual([200, 200, 200]);
  });

  it('bans on its node who sends too much there, and on no other by one node’s word', async () => {
    const client = '203.0.113.30';
    const [first = 0, ...others] = ports;
    for (let round = 0; round < 10; round += 1) {
      await Promise.all(Array.from({ length: 20 }, () => ask(first, client)));
    }
    await waitFor('the flood to be refused', async () => ((await ask(first, client)) === 403 ? true : null), BOUND_MS);
    expect(await findBan(`${client}/32`)).toMatchObject({ scope: { kind: 'service' }, reason: { by: 'limiter' } });
    expect(await Promise.all(others.map((port) => ask(port, client)))).toEqual([200, 200]);
  });

  it('keeps bans over a restart of an agent, and gives one that was away what it missed', async () => {
    const [, second = 0] = ports;
    const [extra] = extras;
    await api.expect(banNetworks, { body: { targets: ['203.0.113.40'] } });
    await waitForAll('203.0.113.40', 403);
    await extra?.stop();
    await api.expect(banNetworks, { body: { targets: ['203.0.113.41'] } });
    extra?.start();
    await waitFor(
      'the agent to serve',
      async () => ((await ask(second, '203.0.113.40')) === 403 ? true : null),
      BOUND_MS,
    );
    await waitForAll('203.0.113.41', 403);
  });

  it('never refuses whom an operator allows', async () => {
    await api.expect(banNetworks, { body: { targets: ['203.0.113.50'] } });
    await waitForAll('203.0.113.50', 403);
    const { items } = await api.expect(allowNetworks, { body: { networks: ['203.0.113.50'] } });
    await waitForAll('203.0.113.50', 200);
    for (const port of ports) await ask(port, '203.0.113.50', `/?id=${encodeURIComponent("1' or '1'='1")}`);
    await new Promise((resolve) => setTimeout(resolve, 3000));
    expect(await askAll('203.0.113.50')).toEqual([200, 200, 200]);
    await api.expect(disallowNetwork, { params: { id: items[0]?.id ?? '' } });
  });
});
