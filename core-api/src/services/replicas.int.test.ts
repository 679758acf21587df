import { randomUUID } from 'node:crypto';
import type { HeartbeatResponse, Service, ServiceReplicasReport, Site } from '@flotilla/contracts';
import { queryRows } from '@flotilla/core-db';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApi, type TestApi } from '../testing/start-test-api.ts';

const SECRET = 'correct horse battery staple';
const PASSWORD = 'registry password';

let api: TestApi;
let token: string;

beforeAll(async () => {
  api = await startTestApi();
  await api.addUser('ann@example.com', 'operator');
  token = (await api.signIn('ann@example.com')).token;
});
afterAll(() => api.close());

async function addNode() {
  const name = `node-${randomUUID()}`;
  const apiKey = await api.addAgent(name);
  const [row] = await queryRows<{ id: string }>(api.database, 'select id from agents where name = $1', [name]);
  const beat = async (body: object = {}): Promise<Site[]> => {
    const answer = await api.call('POST', '/api/heartbeat', {
      token: apiKey,
      json: { agentVersion: '0.1.0', ...body },
    });
    expect(answer.status, JSON.stringify(answer.body)).toBe(200);
    return (answer.body as HeartbeatResponse).tasks.flatMap((task) =>
      task.type === 'UPDATE_NGINX' ? task.payload.sites : [],
    );
  };
  return { agentId: row?.id ?? '', beat };
}

const container = {
  image: 'ghcr.io/shop/web:1.4',
  environment: [
    { name: 'MODE', value: 'production' },
    { name: 'API_KEY', value: SECRET, isSecret: true },
  ],
  registry: { username: 'shop', password: PASSWORD },
};

function buildInput(agentId: string, change: object = {}) {
  return {
    name: 'shop',
    domains: [`d${randomUUID()}.example.com`],
    agentIds: [agentId],
    target: { replicas: true, port: 8080 },
    replicas: { container },
    ...change,
  };
}

const call = (method: string, path: string, json?: unknown) =>
  api.call(method, path, { token, ...(json !== undefined && { json }) });

async function create(agentId: string): Promise<Service> {
  const answer = await call('POST', '/api/services', buildInput(agentId));
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  return answer.body as Service;
}

/** Everything that the database holds as text. */
async function readDatabase(): Promise<string> {
  const tables = await queryRows<{ name: string }>(
    api.database,
    `select tablename as name from pg_tables where schemaname = 'public'`,
  );
  const texts = await Promise.all(
    tables.map(({ name }) => queryRows<{ row: string }>(api.database, `select t::text as row from "${name}" t`)),
  );
  return texts
    .flat()
    .map(({ row }) => row)
    .join('\n');
}

describe('a service with replicas', () => {
  it('has the contracts’ defaults, and shows no secret anywhere', async () => {
    const { agentId } = await addNode();
    const service = await create(agentId);
    expect(service.replicas).toMatchObject({
      count: 1,
      drainMs: 30_000,
      rollout: { maxSurge: 1, maxUnavailable: 0, readyTimeoutMs: 60_000 },
      container: {
        image: 'ghcr.io/shop/web:1.4',
        health: { kind: 'image' },
        environment: [
          { name: 'MODE', value: 'production', isSecret: false },
          { name: 'API_KEY', isSecret: true },
        ],
        registry: { username: 'shop' },
      },
    });
    const pages = ['', '/config', '/diff?from=1&to=1'].map((path) => `/api/services/${service.id}${path}`);
    const answers = await Promise.all([...pages, '/api/services', '/api/audit'].map((path) => call('GET', path)));
    const shown = JSON.stringify(answers.map(({ body }) => body));
    expect(shown).toContain('API_KEY');
    const stored = await readDatabase();
    expect(stored).toContain('API_KEY');
    for (const text of [shown, stored, api.log()]) {
      expect(text).not.toContain(SECRET);
      expect(text).not.toContain(PASSWORD);
    }
  });

  it('reaches its node with its secrets, and keeps those that are not typed again', async () => {
    const { agentId, beat } = await addNode();
    const service = await create(agentId);
    const [first] = await beat();
    expect(first?.replicas?.container).toMatchObject({
      environment: [
        { name: 'MODE', value: 'production', isSecret: false },
        { name: 'API_KEY', value: SECRET, isSecret: true },
      ],
      registry: { username: 'shop', password: PASSWORD },
    });
    const { replicas } = service;
    const saved = await call('PUT', `/api/services/${service.id}`, {
      ...buildInput(agentId),
      replicas: { ...replicas, count: 3 },
    });
    expect(saved.status, JSON.stringify(saved.body)).toBe(200);
    const [second] = await beat();
    expect(second?.replicas).toEqual({ ...first?.replicas, count: 3 });
  });

  it('is rolled back with its secrets', async () => {
    const { agentId, beat } = await addNode();
    const { id } = await create(agentId);
    await call('PUT', `/api/services/${id}`, {
      ...buildInput(agentId),
      replicas: { container: { image: 'nginx', environment: [] } },
    });
    await call('POST', `/api/services/${id}/rollback`, { revision: 1 });
    expect((await beat())[0]?.replicas?.container.environment[1]).toMatchObject({ name: 'API_KEY', value: SECRET });
  });

  it.each<[string, object, string]>([
    ['no container', { replicas: {} }, 'replicas.container'],
    ['an image that is none', { replicas: { container: { image: 'Shop Web' } } }, 'replicas.container.image'],
    [
      'a secret without a value',
      { replicas: { container: { image: 'nginx', environment: [{ name: 'KEY', isSecret: true }] } } },
      'replicas.container.environment.0.value',
    ],
    [
      'a variable without a value',
      { replicas: { container: { image: 'nginx', environment: [{ name: 'KEY' }] } } },
      'replicas.container.environment.0.value',
    ],
    [
      'a registry without a password',
      { replicas: { container: { image: 'nginx', registry: { username: 'shop' } } } },
      'replicas.container.registry.password',
    ],
    ['too many', { replicas: { container, count: 101 } }, 'replicas.count'],
    [
      'nothing that may be replaced',
      { replicas: { container, rollout: { maxSurge: 0 } } },
      'replicas.rollout.maxSurge',
    ],
    ['replicas that nobody describes', { replicas: null }, 'target'],
    ['replicas that get no requests', { target: { host: '127.0.0.1', port: 80 } }, 'replicas'],
    [
      'a volume outside of the root',
      { replicas: { container: { image: 'nginx', volumes: [{ source: '/data/../etc', target: '/data' }] } } },
      'replicas.container.volumes.0.source',
    ],
    [
      'one of the agent’s labels',
      { replicas: { container: { image: 'nginx', labels: [{ name: 'flotilla.replica.service', value: 'x' }] } } },
      'replicas.container.labels.0.name',
    ],
  ])('is refused with %s, and the field is named', async (_, change, field) => {
    const { agentId } = await addNode();
    const answer = await call('POST', '/api/services', buildInput(agentId, change));
    expect([answer.status, answer.body]).toMatchObject([400, { errors: [{ field }] }]);
  });
});

describe('the replicas that a node reports', () => {
  const buildReport = (serviceId: string): ServiceReplicasReport => ({
    serviceId,
    serviceRevision: 1,
    wanted: 1,
    specification: 'a'.repeat(64),
    rollout: 'settled',
    problem: null,
    replicas: [
      {
        name: 'flotilla-shop-1',
        containerId: 'c'.repeat(64),
        state: 'ready',
        specification: 'a'.repeat(64),
        reason: null,
        since: '2026-01-01T00:00:00.000Z',
      },
    ],
  });
  const UNKNOWN = { report: null, reportedAt: null };
  const read = async (id: string) => (await call('GET', `/api/services/${id}/replicas`)).body;

  it('are unknown before it has, then as it said', async () => {
    const { agentId, beat } = await addNode();
    const { id } = await create(agentId);
    expect(await read(id)).toMatchObject({ nodes: [UNKNOWN] });
    await beat({ replicas: [buildReport(id)] });
    expect(await read(id)).toMatchObject({
      nodes: [{ agentId, report: buildReport(id), reportedAt: expect.any(String) as string }],
    });
  });

  it('are those of its own services only', async () => {
    const [owner, other] = [await addNode(), await addNode()];
    const { id } = await create(owner.agentId);
    await other.beat({ replicas: [buildReport(id), buildReport(randomUUID())] });
    expect(await read(id)).toMatchObject({ nodes: [UNKNOWN] });
  });

  it('are unknown again once the service has moved', async () => {
    const [from, to] = [await addNode(), await addNode()];
    const service = await create(from.agentId);
    await from.beat({ replicas: [buildReport(service.id)] });
    const moved = { ...buildInput(to.agentId), replicas: service.replicas };
    expect((await call('PUT', `/api/services/${service.id}`, moved)).status).toBe(200);
    expect(await read(service.id)).toMatchObject({ nodes: [{ agentId: to.agentId, ...UNKNOWN }] });
  });

  it('are 404 of a service that is not there', async () => {
    expect((await call('GET', `/api/services/${randomUUID()}/replicas`)).status).toBe(404);
  });
});
