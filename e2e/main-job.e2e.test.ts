import {
  createService,
  deleteService,
  getAgent,
  getService,
  getServiceConfig,
  listAudit,
  ping,
  rollBackService,
  updateService,
  type Agent,
  type Service,
} from '@flotilla/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiClient } from './harness/api.ts';
import { startBackend, type Backend } from './harness/backend.ts';
import { fetchThroughProxy, startTraffic } from './harness/proxy-client.ts';
import { FlotillaSystem } from './harness/system.ts';
import { waitFor } from './harness/wait.ts';

const DOMAIN = 'app.example.com';
const SWITCH_LIMIT_MS = 1000;

/** The steps of the README, in order, on one installation that was started by `npm run up`. */
describe('the main job', () => {
  let system: FlotillaSystem;
  let api: ApiClient;
  let agent: Agent;
  let service: Service;
  let printed: string;
  const backends: Backend[] = [];

  beforeAll(async () => {
    system = await FlotillaSystem.create();
    printed = await system.start();
    api = await system.signIn();
    backends.push(await startBackend('first'), await startBackend('second'));
  });

  afterAll(async () => {
    await Promise.all(backends.map((backend) => backend.stop()));
    await system.destroy();
  });

  const backendPort = (index: number) => backends[index]?.port ?? 0;
  const bodyOf = async (domain = DOMAIN) => (await fetchThroughProxy(system.proxyHttpPort, domain)).body;
  const reload = async () => (service = await api.expect(getService, { params: { id: service.id } }));
  const save = async (change: Record<string, unknown>) => {
    const { name, domains, agentIds, target } = service;
    service = await api.expect(updateService, {
      params: { id: service.id },
      body: { name, domains, agentIds, target, ...change },
    });
    return service;
  };
  const waitForState = (state: Service['state']) =>
    waitFor(`the service to be ${state}`, async () =>
      (await reload()).nodes[0]?.configuration.state === state ? service : null,
    );

  it('prints where to sign in, and no secret that was given to it', () => {
    expect(printed).toContain(`:${system.port}`);
    expect(printed).toContain(system.admin.email);
    expect(printed).not.toContain(system.admin.password);
  });

  it('answers a ping and serves the dashboard', async () => {
    expect(await api.expect(ping)).toMatchObject({ status: 'ok' });
    const page = await fetch(system.baseUrl);
    expect(page.status).toBe(200);
    expect(await page.text()).toContain('<div id="app"');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'self'");
  });

  it('shows this machine as an online node', async () => {
    agent = await system.waitForLocalAgent(api);
    expect(agent).toMatchObject({ bus: 'connected', facts: { proxy: { httpPort: system.proxyHttpPort } } });
  });

  it('closes the connection of an unknown host', async () => {
    await expect(fetchThroughProxy(system.proxyHttpPort, 'nobody.example.com')).rejects.toThrow('socket hang up');
  });

  it('serves a new service', async () => {
    service = await api.expect(createService, {
      body: {
        name: 'app',
        domains: [DOMAIN],
        agentIds: [agent.id],
        target: { host: '127.0.0.1', port: backendPort(0) },
      },
    });
    await waitFor('the service to serve', async () => ((await bodyOf()) === 'first' ? true : null));
    await waitForState('applied');
    expect(service.nodes[0]?.configuration.appliedRevision).toBe(1);
  });

  it('shows the nginx file that lies on the node', async () => {
    const config = await waitFor('the generated file', async () => {
      const answer = await api.expect(getServiceConfig, { params: { id: service.id } });
      return answer.config;
    });
    expect(config).toContain(`server_name ${DOMAIN};`);
    expect(config).toContain(`127.0.0.1:${backendPort(0)}`);
  });

  it('serves a changed port in well under a second', async () => {
    const startedAt = performance.now();
    await save({ target: { host: '127.0.0.1', port: backendPort(1) } });
    await waitFor('the new target to serve', async () => ((await bodyOf()) === 'second' ? true : null));
    expect(performance.now() - startedAt).toBeLessThan(SWITCH_LIMIT_MS);
  });

  it('shows nginx’s own words for what nginx rejects, while the old configuration serves', async () => {
    const traffic = startTraffic(system.proxyHttpPort, DOMAIN);
    await save({
      target: { host: '127.0.0.1', port: backendPort(0) },
      responseHeaders: [{ name: 'X-Broken', value: '$no_such_variable' }],
    });
    await waitForState('rejected');
    expect(service.nodes[0]?.configuration.reason).toContain('unknown "no_such_variable" variable');
    expect(service.nodes[0]?.configuration.appliedRevision).toBe(2);
    expect(await bodyOf()).toBe('second');
    const { requests, failures } = await traffic.stop();
    expect(requests).toBeGreaterThan(0);
    expect(failures).toEqual([]);
    expect((await api.expect(getAgent, { params: { id: agent.id } })).configuration.rejectedServices).toBe(1);
  });

  it('rolls back to a revision that worked', async () => {
    service = await api.expect(rollBackService, { params: { id: service.id }, body: { revision: 1 } });
    expect(service).toMatchObject({ revision: 4, target: { port: backendPort(0) } });
    await waitFor('the restored target to serve', async () => ((await bodyOf()) === 'first' ? true : null));
    await waitForState('applied');
  });

  it('lets the second of two operators see what the first one changed', async () => {
    const before = service.revision;
    await save({ name: 'renamed by the first' });
    const { domains, target } = service;
    const second = await api.call(updateService, {
      params: { id: service.id },
      body: { name: 'renamed by the second', domains, agentIds: [agent.id], target },
      headers: { 'if-match': `"${before}"` },
    });
    expect(second.status).toBe(409);
    expect(second.body).toMatchObject({
      current: { name: 'renamed by the first' },
      changes: [{ field: 'name', after: 'renamed by the first' }],
    });
  });

  it('refuses a domain that another service has, by name', async () => {
    const answer = await api.call(createService, {
      body: { name: 'thief', domains: [DOMAIN], agentIds: [agent.id], target: { host: '127.0.0.1', port: 1 } },
    });
    expect(answer.status).toBe(409);
    expect(answer.body).toMatchObject({ conflicts: [{ domain: DOMAIN, serviceId: service.id }] });
  });

  it('has written down who did what', async () => {
    const { items } = await api.expect(listAudit, { query: { subjectId: service.id } });
    expect(items.map((entry) => entry.action)).toEqual([
      'service.updated',
      'service.rolled_back',
      'service.updated',
      'service.updated',
      'service.created',
    ]);
    expect(items[0]?.actor.name).toBe(system.admin.email);
  });

  it('keeps traffic flowing while every part of the Core crashes, and recovers', async () => {
    const traffic = startTraffic(system.proxyHttpPort, DOMAIN);
    for (const name of ['core-api', 'core-workers', 'nats', 'postgres', 'edge']) await system.crash(name);
    await waitFor(
      'the Core to be back',
      async () => ((await system.run('status')).exitCode === 0 ? true : null),
      60_000,
    );
    await save({ target: { host: '127.0.0.1', port: backendPort(1) } });
    await waitFor('a change after the crash to serve', async () => ((await bodyOf()) === 'second' ? true : null));
    const { requests, failures } = await traffic.stop();
    expect(requests).toBeGreaterThan(100);
    expect(failures).toEqual([]);
  });

  it('notices failing traffic (the control of the checks above)', async () => {
    const traffic = startTraffic(system.proxyHttpPort, 'nobody.example.com');
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect((await traffic.stop()).failures.length).toBeGreaterThan(0);
  });

  it('stops serving a removed service', async () => {
    await api.expect(deleteService, { params: { id: service.id } });
    await waitFor('the domain to be unknown', () =>
      bodyOf().then(
        () => null,
        () => true,
      ),
    );
  });

  it('goes on with its data after a restart', async () => {
    expect((await system.run('down')).exitCode).toBe(0);
    await system.start();
    const again = await system.signIn();
    expect((await system.waitForLocalAgent(again)).id).toBe(agent.id);
  });
});
