import { randomUUID } from 'node:crypto';
import type { Agent, HeartbeatResponse, Service, Task } from '@flotilla/contracts';
import { queryRows } from '@flotilla/core-db';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readDesiredState } from '../testing/read-desired-state.ts';
import { startTestApi, type TestApi } from '../testing/start-test-api.ts';

let api: TestApi;
let token: string;

beforeAll(async () => {
  api = await startTestApi();
  await api.addUser('ann@example.com', 'admin');
  token = (await api.signIn('ann@example.com')).token;
});
afterAll(() => api.close());

/** A node with a service, as its agent sees it. */
async function addNode(name: string) {
  const apiKey = await api.addAgent(name);
  const [row] = await queryRows<{ id: string }>(api.database, 'select id from agents where name = $1', [name]);
  const agentId = row?.id ?? '';
  const beat = async (body: Record<string, unknown> = {}) => {
    const answer = await api.call('POST', '/api/heartbeat', {
      token: apiKey,
      json: { agentVersion: '0.1.0', ...body },
    });
    expect(answer.status, JSON.stringify(answer.body)).toBe(200);
    return answer.body as HeartbeatResponse;
  };
  const save = async (service?: Service, port = 3000) => {
    const domains = service?.domains ?? [`${name}.example.com`];
    const json = { name, domains, agentIds: [agentId], target: { host: '127.0.0.1', port } };
    const answer = await (service === undefined
      ? api.call('POST', '/api/services', { token, json })
      : api.call('PUT', `/api/services/${service.id}`, { token, json }));
    return answer.body as Service;
  };
  const read = async (service: Service) =>
    (await api.call('GET', `/api/services/${service.id}`, { token })).body as Service;
  return { agentId, apiKey, beat, save, read };
}

const succeeded = (task: Task, result: Record<string, unknown> = {}) => ({
  taskId: task.id,
  status: 'succeeded',
  type: 'UPDATE_NGINX',
  result: { outcome: 'applied', revision: readDesiredState(task)?.revision, rejectedSites: [], ...result },
});

async function pickUp(beat: (body?: Record<string, unknown>) => Promise<HeartbeatResponse>): Promise<Task> {
  const { tasks } = await beat();
  expect(tasks).toHaveLength(1);
  const [task] = tasks;
  if (task === undefined) throw new Error('there was no task');
  return task;
}

describe('a heartbeat', () => {
  it('brings a node online once, with an event', async () => {
    const node = await addNode('alive');
    await node.beat();
    await node.beat();
    const shown = await api.call('GET', `/api/agents/${node.agentId}`, { token });
    expect(shown.body).toMatchObject({ status: 'online', facts: null, containers: null });
    const events = await queryRows(api.database, `select id from outbox where payload->>'agentId' = $1`, [
      node.agentId,
    ]);
    expect(events).toHaveLength(1);
  });

  it('asks for what the Core lacks, until it has it', async () => {
    const node = await addNode('facts');
    expect((await node.beat()).resend).toBe(true);
    const proxy = { state: 'serving', reason: null, nginxVersion: '1.22.1', httpPort: 80, httpsPort: 443 };
    const docker = { available: false, version: null, reason: 'no Docker here' };
    const host = { hostname: 'web-1', operatingSystem: 'Debian 12', kernel: '6.1', architecture: 'x64' };
    expect((await node.beat({ facts: { ...host, docker, proxy } })).resend).toBe(false);
    expect((await node.beat()).resend).toBe(false);
  });

  it('tells how wrong the node’s clock is, and writes it down when that is news', async () => {
    const node = await addNode('clock');
    const readOffset = async () =>
      ((await api.call('GET', `/api/agents/${node.agentId}`, { token })).body as Agent).clockOffsetMs;
    await node.beat();
    expect(await readOffset()).toBeNull();
    await node.beat({ clockOffsetMs: -600_000 });
    expect(await readOffset()).toBe(-600_000);
    await node.beat({ clockOffsetMs: -600_200 });
    expect(await readOffset(), 'a change within the measurement').toBe(-600_000);
    await node.beat({ clockOffsetMs: null });
    expect(await readOffset(), 'an agent that was just started').toBe(-600_000);
    await node.beat({ clockOffsetMs: 0 });
    expect(await readOffset()).toBe(0);
  });

  it('of a wrong or removed key is refused', async () => {
    const node = await addNode('removed');
    const beat = (key: string) => api.call('POST', '/api/heartbeat', { token: key, json: { agentVersion: '0.1.0' } });
    expect((await beat(node.apiKey)).status).toBe(200);
    expect((await beat(`${node.apiKey.slice(0, -1)}_`)).status).toBe(401);
    expect((await api.call('DELETE', `/api/agents/${node.agentId}`, { token })).status).toBe(204);
    expect((await beat(node.apiKey)).status).toBe(401);
  });

  it('that is malformed names its fields', async () => {
    const node = await addNode('malformed');
    const json = { agentVersion: 'x', appliedRevision: 7 };
    const answer = await api.call('POST', '/api/heartbeat', { token: node.apiKey, json });
    expect(answer).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'agentVersion' }, { field: 'appliedRevision' }] },
    });
  });

  it('of two live sessions under one id raises one event', async () => {
    const node = await addNode('cloned');
    const [left, right] = [randomUUID(), randomUUID()];
    for (const sessionId of [left, right, left, right, left]) await node.beat({ sessionId });
    const events = await queryRows(
      api.database,
      `select id from outbox where payload->>'agentId' = $1 and payload->>'kind' = 'agent.duplicate_session'`,
      [node.agentId],
    );
    expect(events).toHaveLength(1);
  });
});

describe('a task', () => {
  it('carries the whole desired state, and its result settles the service', async () => {
    const node = await addNode('settle');
    const service = await node.save();
    const task = await pickUp(node.beat);
    expect(readDesiredState(task)?.sites).toMatchObject([
      { serviceId: service.id, serviceRevision: 1, target: { port: 3000 } },
    ]);
    const revision = readDesiredState(task)?.revision;
    await node.beat({ appliedRevision: revision, taskResults: [{ taskId: task.id, status: 'running' }] });
    await node.beat({ appliedRevision: revision, taskResults: [succeeded(task)] });
    expect((await node.read(service)).nodes[0]?.configuration).toMatchObject({ state: 'applied', appliedRevision: 1 });
    expect((await node.beat({ appliedRevision: revision })).tasks).toEqual([]);

    const text = 'server { server_name settle.example.com; }';
    await node.beat({ appliedRevision: revision, siteConfigs: [{ serviceId: service.id, serviceRevision: 1, text }] });
    expect((await api.call('GET', `/api/services/${service.id}/config`, { token })).body).toMatchObject({
      config: text,
    });
  });

  it('whose result comes twice counts once', async () => {
    const node = await addNode('twice');
    await node.save();
    const task = await pickUp(node.beat);
    const report = { appliedRevision: readDesiredState(task)?.revision, taskResults: [succeeded(task)] };
    await node.beat(report);
    await node.beat(report);
    const events = await queryRows(
      api.database,
      `select id from outbox where payload->>'agentId' = $1 and payload->>'kind' = 'configuration.applied'`,
      [node.agentId],
    );
    expect(events).toHaveLength(1);
  });

  it('that is refused as a whole keeps what was applied before', async () => {
    const node = await addNode('refused');
    const service = await node.save();
    const first = await pickUp(node.beat);
    const appliedRevision = readDesiredState(first)?.revision;
    await node.beat({ appliedRevision, taskResults: [succeeded(first)] });
    await node.save(service, 4000);
    const second = (await node.beat({ appliedRevision })).tasks[0];
    if (second === undefined) throw new Error('there was no second task');
    const reason = 'bind() to 0.0.0.0:443 failed (98: Address already in use)';
    await node.beat({ appliedRevision, taskResults: [succeeded(second, { outcome: 'rejected', reason })] });
    expect((await node.read(service)).nodes[0]?.configuration).toMatchObject({
      state: 'rejected',
      reason,
      appliedRevision: 1,
    });
    expect((await node.beat({ appliedRevision })).tasks, 'a rejected revision is not sent again and again').toEqual([]);
  });

  it('is superseded by a newer save, and its late result changes nothing', async () => {
    const node = await addNode('late');
    const service = await node.save();
    const old = await pickUp(node.beat);
    await node.save(service, 4000);
    await node.beat({ appliedRevision: readDesiredState(old)?.revision, taskResults: [succeeded(old)] });
    expect((await node.read(service)).nodes[0]?.configuration).toMatchObject({ state: 'applying' });
    const list = await api.call('GET', `/api/tasks?agentId=${node.agentId}&state=superseded`, { token });
    expect(list.body).toMatchObject({ total: 1, items: [{ id: old.id }] });
  });

  it('is made again for a node that has lost its configuration', async () => {
    const node = await addNode('reset');
    const service = await node.save();
    const task = await pickUp(node.beat);
    const revision = readDesiredState(task)?.revision;
    await node.beat({ appliedRevision: revision, taskResults: [succeeded(task)] });
    expect((await node.beat({ appliedRevision: revision })).tasks).toEqual([]);
    const again = await pickUp(() => node.beat({ appliedRevision: null }));
    expect(readDesiredState(again)?.revision).toBe(revision);
    expect((await node.read(service)).nodes[0]?.configuration.state).toBe('applying');
  });

  it('of another node cannot be answered', async () => {
    const [owner, stranger] = [await addNode('owner'), await addNode('stranger')];
    const service = await owner.save();
    const task = await pickUp(owner.beat);
    await stranger.beat({ taskResults: [succeeded(task)] });
    expect((await owner.read(service)).nodes[0]?.configuration.state).toBe('applying');
  });
});

describe('registration', () => {
  const register = (joinToken: string) =>
    api.call('POST', '/api/agents/register', { json: { joinToken, name: 'new', version: '0.1.0' } });
  const makeToken = async () => {
    const { body } = await api.call('POST', '/api/join-tokens', { token, json: {} });
    return (body as { token: string }).token;
  };

  it('takes a token once, and gives namesakes a number', async () => {
    const joinToken = await makeToken();
    const joined = await register(joinToken);
    expect(joined).toMatchObject({ status: 201, body: { apiKey: expect.stringMatching(/^flk_/), bus: null } });
    const again = await register(joinToken);
    expect(again).toMatchObject({ status: 401, body: { detail: expect.stringContaining('used already') } });
    await register(await makeToken());
    const names = await queryRows<{ name: string }>(api.database, `select name from agents where name like 'new%'`);
    expect(names.map(({ name }) => name).toSorted()).toEqual(['new', 'new-2']);
  });

  it('says why a token is refused', async () => {
    expect(await register('flj_unknown')).toMatchObject({
      status: 401,
      body: { detail: expect.stringContaining('not known') },
    });
    const joinToken = await makeToken();
    api.advance(600_001);
    expect(await register(joinToken)).toMatchObject({
      status: 401,
      body: { detail: expect.stringContaining('expired') },
    });
  });
});
