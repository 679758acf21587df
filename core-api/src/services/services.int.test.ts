import type { DesiredState, Service } from '@flotilla/contracts';
import { queryRows } from '@flotilla/core-db';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiCall } from '../testing/api-caller.ts';
import { startTestApi, type TestApi } from '../testing/start-test-api.ts';

let api: TestApi;
let token: string;
let agentId: string;
let otherAgentId: string;

beforeAll(async () => {
  api = await startTestApi();
  await api.addUser('ann@example.com', 'operator');
  token = (await api.signIn('ann@example.com')).token;
  agentId = await addNode('one');
  otherAgentId = await addNode('two');
});
afterAll(() => api.close());

async function addNode(name: string): Promise<string> {
  await api.addAgent(name);
  const [row] = await queryRows<{ id: string }>(api.database, 'select id from agents where name = $1', [name]);
  return row?.id ?? '';
}

function buildInput(change: Record<string, unknown> = {}) {
  const domains = [`d${Math.random().toString(36).slice(2)}.example.com`];
  return { name: 'shop', domains, agentIds: [agentId], target: { host: '127.0.0.1', port: 3000 }, ...change };
}

const call = (method: string, path: string, json?: unknown, options: ApiCall = {}) =>
  api.call(method, path, { token, ...(json !== undefined && { json }), ...options });

async function create(change: Record<string, unknown> = {}): Promise<Service> {
  const answer = await call('POST', '/api/services', buildInput(change));
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  return answer.body as Service;
}

/** The newest open task of a node: what its agent will be told to serve. */
async function readDesired(id: string): Promise<DesiredState> {
  const rows = await queryRows<{ payload: DesiredState }>(
    api.database,
    `select payload from tasks where agent_id = $1 and state = 'pending'`,
    [id],
  );
  expect(rows).toHaveLength(1);
  return rows[0]?.payload ?? { revision: '', sites: [] };
}

const countServices = async () => (await queryRows(api.database, 'select id from services')).length;

describe('a service', () => {
  it('is made from the smallest body, and is on its way to its node', async () => {
    const answer = await call('POST', '/api/services', buildInput({ domains: ['App.Example.com'] }));
    expect(answer.status).toBe(201);
    expect(answer.headers.get('etag')).toBe('"1"');
    expect(answer.body).toMatchObject({
      domains: ['app.example.com'],
      revision: 1,
      updatedBy: 'ann@example.com',
      state: 'applying',
      nodes: [{ agentId, configuration: { state: 'applying', reason: null, appliedRevision: null } }],
    });
    const { id } = answer.body as Service;
    expect((await readDesired(agentId)).sites.map((site) => site.serviceId)).toContain(id);
    expect((await call('GET', `/api/services/${id}`)).body).toEqual(answer.body);
    expect((await call('GET', '/api/services?search=app.exam')).body).toMatchObject({ total: 1, items: [{ id }] });
    expect((await call('GET', '/api/services?domain=app.example.com')).body).toMatchObject({ total: 1 });
  });

  it('is put back as it was shown', async () => {
    const service = await create();
    const { name, domains, target } = service;
    const answer = await call('PUT', `/api/services/${service.id}`, { name, domains, agentIds: [agentId], target });
    expect(answer).toMatchObject({ status: 200, body: { revision: 2 } });
  });

  it.each([
    [{ domains: ['a.com; return 200 x;'] }, 'domains.0'],
    [{ domains: ['../../x'] }, 'domains.0'],
    [{ domains: ['*.*.com'] }, 'domains.0'],
    [{ domains: ['a'.repeat(254)] }, 'domains.0'],
    [{ target: { host: '127.0.0.1', port: 0 } }, 'target.port'],
    [{ target: { host: '127.0.0.1', port: 65_536 } }, 'target.port'],
    [{ target: { container: 'a b', port: 80 } }, 'target.container'],
    [{ responseHeaders: [{ name: 'X-A', value: 'a\r\nSet-Cookie: b' }] }, 'responseHeaders.0.value'],
    [{ agentIds: ['0190b6f0-7c3e-7000-8000-00000000ffff'] }, 'agentIds.0'],
    [{ basicAuth: { users: [{ username: 'ann' }] } }, 'basicAuth.users.0.password'],
    [{ sites: [] }, 'sites'],
  ])('is refused with the field named, and nothing is stored: %j', async (change, field) => {
    const before = await countServices();
    const answer = await call('POST', '/api/services', buildInput(change));
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ errors: expect.arrayContaining([expect.objectContaining({ field })]) });
    expect(await countServices()).toBe(before);
  });

  it('keeps its passwords to itself', async () => {
    const users = [{ username: 'ann', password: 'correct horse' }];
    const service = await create({ basicAuth: { realm: 'Staff', users } });
    expect(service.basicAuth).toEqual({ realm: 'Staff', users: [{ username: 'ann' }] });
    const { name, domains, target, basicAuth } = service;
    const kept = await call('PUT', `/api/services/${service.id}`, {
      name,
      domains,
      agentIds: [agentId],
      target,
      basicAuth,
    });
    expect(kept.status).toBe(200);
    const site = (await readDesired(agentId)).sites.find(({ serviceId }) => serviceId === service.id);
    expect(site?.basicAuth?.users[0]?.passwordHash).toMatch(/^\{SSHA\}/);
    const audit = await queryRows(api.database, 'select before, after from audit where subject_id = $1', [service.id]);
    expect(JSON.stringify(audit)).not.toMatch(/SSHA|correct horse/);
  });
});

describe('a domain', () => {
  it('belongs to one service of a node, which the refusal names', async () => {
    const first = await create();
    const answer = await call('POST', '/api/services', buildInput({ domains: first.domains }));
    expect(answer).toMatchObject({
      status: 409,
      body: { conflicts: [{ domain: first.domains[0], serviceId: first.id, serviceName: 'shop' }] },
    });
    await create({ domains: first.domains, agentIds: [otherAgentId] });
  });

  it('goes to one of many who ask at once', async () => {
    const domains = ['race.example.com'];
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => call('POST', '/api/services', buildInput({ domains }))),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(7);
  });

  it('is free again when its service gives it up', async () => {
    const first = await create();
    expect((await call('DELETE', `/api/services/${first.id}`)).status).toBe(204);
    await create({ domains: first.domains });
  });
});

describe('several operators', () => {
  it('lose nothing when they save at once', async () => {
    const created = await Promise.all(Array.from({ length: 40 }, () => create({ agentIds: [otherAgentId] })));
    const served = new Set((await readDesired(otherAgentId)).sites.map(({ serviceId }) => serviceId));
    expect(created.every(({ id }) => served.has(id))).toBe(true);
  });

  it('see what the other one changed', async () => {
    const { id, domains, target } = await create();
    const body = { name: 'first', domains, agentIds: [agentId], target };
    expect((await call('PUT', `/api/services/${id}`, body, { headers: { 'if-match': '"1"' } })).status).toBe(200);
    const second = await call(
      'PUT',
      `/api/services/${id}`,
      { ...body, name: 'second' },
      { headers: { 'if-match': '"1"' } },
    );
    expect(second).toMatchObject({
      status: 409,
      body: { current: { name: 'first', revision: 2 }, changes: [{ field: 'name', before: 'shop', after: 'first' }] },
    });
    expect((await call('GET', `/api/services/${id}`)).body).toMatchObject({ name: 'first' });
    const odd = await call('PUT', `/api/services/${id}`, body, { headers: { 'if-match': '"x"' } });
    expect(odd).toMatchObject({ status: 400, body: { errors: [{ field: 'If-Match' }] } });
  });
});

describe('the history', () => {
  it('has where the application’s figures are, and so has the node', async () => {
    const { id, domains } = await create();
    const put = (metricsPath: unknown) => call('PUT', `/api/services/${id}`, buildInput({ domains, metricsPath }));
    expect((await put('/metrics')).body).toMatchObject({ revision: 2, metricsPath: '/metrics' });
    const site = (await readDesired(agentId)).sites.find(({ serviceId }) => serviceId === id);
    expect(site?.metricsPath).toBe('/metrics');
    const diff = await call('GET', `/api/services/${id}/config/diff?from=1&to=2`);
    expect(diff.body).toMatchObject({ settings: [{ field: 'metricsPath', before: null, after: '/metrics' }] });
    expect((await put('http://10.0.0.1/')).status).toBe(400);
  });

  it('shows no difference in a setting that an earlier version did not know', async () => {
    const { id, domains } = await create();
    await api.database.query(`update services set settings = settings - 'metricsPath' where id = $1`, [id]);
    await api.database.query(`update service_revisions set settings = settings - 'metricsPath' where service_id = $1`, [
      id,
    ]);
    expect((await call('GET', `/api/services/${id}`)).body).toMatchObject({ metricsPath: null });
    await call('PUT', `/api/services/${id}`, buildInput({ domains }));
    const diff = await call('GET', `/api/services/${id}/config/diff?from=1&to=2`);
    expect(diff.body).toMatchObject({ settings: [] });
  });

  it('keeps every revision, tells two apart and restores one', async () => {
    const { id, domains, target } = await create();
    await call('PUT', `/api/services/${id}`, {
      name: 'shop',
      domains,
      agentIds: [agentId],
      target: { ...target, port: 4000 },
    });
    const diff = await call('GET', `/api/services/${id}/config/diff?from=1&to=2`);
    expect(diff.body).toEqual({ settings: [{ field: 'target.port', before: 3000, after: 4000 }], config: [] });

    const restored = await call('POST', `/api/services/${id}/rollback`, { revision: 1 });
    expect(restored).toMatchObject({ status: 200, body: { revision: 3, target: { port: 3000 } } });
    const config = await call('GET', `/api/services/${id}/config`);
    expect(config.body).toMatchObject({
      config: null,
      history: [
        { revision: 3, state: 'applying', restoredRevision: 1 },
        { revision: 2, state: 'superseded', restoredRevision: null },
        { revision: 1, state: 'superseded' },
      ],
    });
    expect((await call('POST', `/api/services/${id}/rollback`, { revision: 99 })).status).toBe(404);
  });
});

it('moves to another node, and leaves the first', async () => {
  const { id, domains, target } = await create();
  const moved = await call('PUT', `/api/services/${id}`, { name: 'shop', domains, agentIds: [otherAgentId], target });
  expect(moved).toMatchObject({
    status: 200,
    body: { agentIds: [otherAgentId], nodes: [{ agentId: otherAgentId, agentName: 'two' }] },
  });
  const serves = async (node: string) => (await readDesired(node)).sites.some(({ serviceId }) => serviceId === id);
  expect([await serves(agentId), await serves(otherAgentId)]).toEqual([false, true]);
});
