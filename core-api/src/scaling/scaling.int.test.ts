import { randomUUID } from 'node:crypto';
import type { AuditEntry, HeartbeatResponse, ScalingStatus, Service, Task, TaskSummary } from '@flotilla/contracts';
import { insertScalingDecision, insertScalingPoints, queryRows } from '@flotilla/core-db';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readDesiredState } from '../testing/read-desired-state.ts';
import { startTestApi, type TestApi } from '../testing/start-test-api.ts';

let api: TestApi;
let token: string;
let viewerToken: string;

beforeAll(async () => {
  api = await startTestApi();
  await api.addUser('ann@example.com', 'operator');
  await api.addUser('vic@example.com', 'viewer');
  token = (await api.signIn('ann@example.com')).token;
  viewerToken = (await api.signIn('vic@example.com')).token;
});
afterAll(() => api.close());

const policy = { maxReplicas: 8, targets: [{ kind: 'value', metric: { kind: 'cpu' }, value: 0.5 }] };

const call = (method: string, path: string, json?: unknown) =>
  api.call(method, path, { token, ...(json !== undefined && { json }) });
async function expectOk<Body>(method: string, path: string, json?: unknown): Promise<Body> {
  const answer = await call(method, path, json);
  expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(300);
  return answer.body as Body;
}

/** A node with a service that has two replicas. */
async function addService(replicas: object | null = { container: { image: 'nginx' }, count: 2 }) {
  const name = `node-${randomUUID()}`;
  const apiKey = await api.addAgent(name);
  const [row] = await queryRows<{ id: string }>(api.database, 'select id from agents where name = $1', [name]);
  const agentId = row?.id ?? '';
  const target = replicas === null ? { host: '127.0.0.1', port: 80 } : { replicas: true, port: 80 };
  const input = { name: 'shop', domains: [`d${randomUUID()}.example.com`], agentIds: [agentId], target, replicas };
  const { id } = await expectOk<Service>('POST', '/api/services', input);
  const path = `/api/services/${id}`;
  return {
    id,
    agentId,
    path,
    name,
    read: () => expectOk<ScalingStatus>('GET', `${path}/scaling`),
    scale: (count: number, more: object = {}) => call('POST', `${path}/scale`, { count, ...more }),
    save: (change: object) => expectOk<Service>('PUT', path, { ...input, ...change }),
    beat: async (body: object = {}): Promise<Task[]> => {
      const beat = { token: apiKey, json: { agentVersion: '0.1.0', ...body } };
      const answer = await api.call('POST', '/api/heartbeat', beat);
      expect(answer.status, JSON.stringify(answer.body)).toBe(200);
      return (answer.body as HeartbeatResponse).tasks;
    },
    readTasks: async () => {
      const { items } = await expectOk<{ items: TaskSummary[] }>(
        'GET',
        `/api/tasks?agentId=${agentId}&type=SCALE&order=asc`,
      );
      return items;
    },
  };
}

describe('the number of replicas', () => {
  it('is that of the form at first, and by hand from then on', async () => {
    const service = await addService();
    expect(await service.read()).toEqual({
      policy: null,
      policyUpdatedAt: null,
      wanted: 2,
      scaleRevision: 0,
      nodes: [{ agentId: service.agentId, agentName: service.name, wanted: 2 }],
      evaluation: null,
    });
    const answer = await service.scale(5);
    expect([answer.status, answer.body]).toMatchObject([200, { wanted: 5, scaleRevision: 1, nodes: [{ wanted: 5 }] }]);
    const tasks = await service.beat();
    expect(tasks.map(({ type }) => type)).toEqual(['UPDATE_NGINX', 'SCALE']);
    expect(tasks[1]?.payload).toEqual({ serviceId: service.id, scaleRevision: 1, count: 5 });
    const decisions = await expectOk<object>('GET', `${service.path}/scaling/decisions`);
    expect(decisions).toMatchObject({
      items: [{ outcome: 'manual', from: 2, to: 5, decidedBy: 'ann@example.com' }],
      hasMore: false,
    });
    const events = await queryRows<{ payload: unknown }>(
      api.database,
      `select payload from outbox where payload->>'serviceId' = $1 and payload->>'kind' = 'service.scaled'`,
      [service.id],
    );
    expect(events).toMatchObject([{ payload: { agentId: service.agentId, data: { from: 2, to: 5 } } }]);
    const { items } = await expectOk<{ items: AuditEntry[] }>('GET', `/api/audit?subjectId=${service.id}`);
    expect(items[0]).toMatchObject({ action: 'service.scaled', before: { count: 2 }, after: { count: 5 } });
  });

  it('changes nothing when it is there already', async () => {
    const service = await addService();
    expect((await service.scale(2)).status).toBe(200);
    expect(await service.read()).toMatchObject({ wanted: 2, scaleRevision: 0 });
    expect(await service.readTasks()).toEqual([]);
  });

  it('reaches the node with every configuration, and makes none new', async () => {
    const service = await addService();
    const [first] = await service.beat();
    const appliedRevision = readDesiredState(first)?.revision;
    const result = { outcome: 'applied', revision: appliedRevision, rejectedSites: [] };
    const applied = { taskId: first?.id, status: 'succeeded', type: 'UPDATE_NGINX', result };
    await service.beat({ appliedRevision, taskResults: [applied] });
    await service.scale(4);
    const tasks = await service.beat({ appliedRevision });
    expect(tasks.map(({ type }) => type)).toEqual(['SCALE']);
    expect(await expectOk<Service>('GET', service.path)).toMatchObject({ state: 'applied' });
    await service.save({ name: 'store' });
    const state = (await service.beat({ appliedRevision })).find(({ type }) => type === 'UPDATE_NGINX');
    expect(readDesiredState(state)?.sites).toMatchObject([{ scaleRevision: 1, replicas: { count: 4 } }]);
  });

  it('has its results recorded, and the newest number supersedes the others', async () => {
    const service = await addService();
    await service.scale(3);
    const [, first] = await service.beat();
    await service.scale(4);
    await service.scale(6);
    await service.save({ name: 'store' });
    expect((await service.readTasks()).map(({ state }) => state)).toEqual(['superseded', 'superseded', 'pending']);
    const newest = (await service.beat()).find(({ type }) => type === 'SCALE');
    const accept = (task: Task | undefined, scaleRevision: number) => ({
      taskId: task?.id,
      status: 'succeeded',
      type: 'SCALE',
      result: { outcome: 'accepted', scaleRevision },
    });
    await service.beat({ taskResults: [accept(first, 1), accept(newest, 3)] });
    expect(await service.readTasks()).toMatchObject([
      { state: 'superseded', outcome: 'Accepted.' },
      { state: 'superseded' },
      { state: 'succeeded', outcome: 'Accepted.' },
    ]);
  });

  it('is the form’s again when it is changed there', async () => {
    const service = await addService();
    await service.scale(5);
    await service.save({ name: 'store' });
    expect(await service.read(), 'another field').toMatchObject({ wanted: 5, scaleRevision: 1 });
    await service.save({ replicas: { container: { image: 'nginx' }, count: 3 } });
    expect(await service.read()).toMatchObject({ wanted: 3, scaleRevision: 2 });
    expect((await service.beat()).at(-1)?.payload).toMatchObject({ sites: [{ scaleRevision: 2 }] });
  });

  it('moves with the service, and begins anew when replicas come back', async () => {
    const [service, other] = [await addService(), await addService()];
    await service.scale(5);
    await service.save({ agentIds: [other.agentId] });
    expect(await service.read()).toMatchObject({ scaleRevision: 2, nodes: [{ agentId: other.agentId, wanted: 5 }] });
    await service.save({ replicas: null, target: { host: '127.0.0.1', port: 80 } });
    expect(await service.read()).toMatchObject({ wanted: 0, scaleRevision: 3, nodes: [] });
    await service.save({});
    expect(await service.read()).toMatchObject({ wanted: 2, scaleRevision: 4 });
  });
});

describe('a policy', () => {
  it('is saved with the defaults, paused, and removed, each in the audit log', async () => {
    const service = await addService();
    const saved = await expectOk<ScalingStatus>('PUT', `${service.path}/scaling`, policy);
    expect(saved).toMatchObject({ policy: { minReplicas: 1, scaleDown: { stabilizationMs: 300_000 } } });
    expect(saved.policyUpdatedAt).not.toBeNull();
    const paused = await expectOk('POST', `${service.path}/scaling/pause`, { isPaused: true });
    expect(paused).toMatchObject({ policy: { isPaused: true, maxReplicas: 8 } });
    await expectOk('POST', `${service.path}/scaling/pause`, { isPaused: false });
    const removed = await expectOk('DELETE', `${service.path}/scaling`);
    expect(removed).toMatchObject({ policy: null, policyUpdatedAt: null, wanted: 2 });
    const { items } = await expectOk<{ items: AuditEntry[] }>('GET', `/api/audit?subjectId=${service.id}`);
    expect(items.map(({ action }) => action).toReversed()).toEqual([
      'service.created',
      'scaling.policy_saved',
      'scaling.paused',
      'scaling.resumed',
      'scaling.policy_removed',
    ]);
  });

  it('keeps its number whatever the form says', async () => {
    const service = await addService();
    await expectOk('PUT', `${service.path}/scaling`, policy);
    await service.save({ replicas: { container: { image: 'nginx' }, count: 7 } });
    expect(await service.read()).toMatchObject({ wanted: 2, scaleRevision: 0 });
  });

  it('is not overruled by hand, unless it is paused with it', async () => {
    const service = await addService();
    await expectOk('PUT', `${service.path}/scaling`, policy);
    const refused = await service.scale(4);
    expect([refused.status, refused.body]).toMatchObject([
      409,
      { detail: expect.stringContaining('pausePolicy') as string },
    ]);
    const scaled = await service.scale(4, { pausePolicy: true });
    expect([scaled.status, scaled.body]).toMatchObject([200, { wanted: 4, policy: { isPaused: true } }]);
    expect((await service.scale(5)).status, 'it is paused').toBe(200);
  });

  it.each<[string, object, string]>([
    ['min over max', { minReplicas: 9 }, 'minReplicas'],
    ['a target of 0', { targets: [{ ...policy.targets[0], value: 0 }] }, 'targets.0.value'],
    ['no target', { targets: [] }, 'targets'],
    ['more than a service may have', { maxReplicas: 101 }, 'maxReplicas'],
    [
      'an unknown metric',
      { targets: [{ kind: 'value', metric: { kind: 'luck' }, value: 1 }] },
      'targets.0.metric.kind',
    ],
  ])('is refused with %s, and the field is named', async (_, change, field) => {
    const service = await addService();
    const answer = await call('PUT', `${service.path}/scaling`, { ...policy, ...change });
    expect([answer.status, answer.body]).toMatchObject([400, { errors: [{ field }] }]);
  });

  it('needs replicas, and a service', async () => {
    const { path } = await addService(null);
    expect((await call('PUT', `${path}/scaling`, policy)).status).toBe(409);
    expect((await call('POST', `${path}/scale`, { count: 1 })).status).toBe(409);
    expect(await expectOk('GET', `${path}/scaling`)).toMatchObject({ wanted: 0, nodes: [] });
    const gone = `/api/services/${randomUUID()}/scaling`;
    const asked = [gone, `${gone}/decisions`, `${gone}/history?from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z`];
    for (const url of asked) expect((await call('GET', url)).status, url).toBe(404);
    expect((await call('POST', `${path}/scaling/pause`, { isPaused: true })).status).toBe(409);
  });

  it('is shown to viewers, who change nothing', async () => {
    const { path } = await addService();
    expect((await api.call('GET', `${path}/scaling`, { token: viewerToken })).status).toBe(200);
    const changes: [string, string, unknown][] = [
      ['PUT', '/scaling', policy],
      ['DELETE', '/scaling', undefined],
      ['POST', '/scaling/pause', { isPaused: true }],
      ['POST', '/scale', { count: 1 }],
    ];
    for (const [method, url, json] of changes) {
      const answer = await api.call(method, `${path}${url}`, {
        token: viewerToken,
        ...(json !== undefined && { json }),
      });
      expect(answer.status, url).toBe(403);
    }
  });

  it('goes with the replicas', async () => {
    const service = await addService();
    await expectOk('PUT', `${service.path}/scaling`, policy);
    await service.save({ replicas: null, target: { host: '127.0.0.1', port: 80 } });
    expect(await service.read()).toMatchObject({ policy: null, wanted: 0 });
  });
});

describe('what was seen and decided', () => {
  const reading = {
    metric: { kind: 'cpu' },
    kind: 'value',
    target: 0.5,
    current: 0.8,
    desired: 3,
    missing: 0,
  } as const;

  it('is listed by time, newest first, with a word of more', async () => {
    const { id, path } = await addService();
    for (let revision = 1; revision <= 3; revision += 1) {
      const at = new Date(Date.UTC(2026, 0, revision));
      const counts = { from: revision, to: revision + 1, wanted: 4, ready: revision, decisiveTarget: 0 };
      const made = { serviceId: id, at, outcome: 'scaled', decidedBy: null, targets: [reading], limits: [] } as const;
      await insertScalingDecision(api.database, { ...made, ...counts }, revision);
    }
    const list = (query: string) =>
      expectOk<{ items: { to: number }[]; hasMore: boolean }>('GET', `${path}/scaling/decisions?${query}`);
    const newest = await list('limit=2');
    expect([newest.items.map(({ to }) => to), newest.hasMore]).toEqual([[4, 3], true]);
    const first = await list('to=2026-01-01T12:00:00Z');
    expect([first.items.map(({ to }) => to), first.hasMore]).toEqual([[2], false]);
  });

  it('is a chart of its points', async () => {
    const service = await addService();
    await expectOk('PUT', `${service.path}/scaling`, policy);
    expect((await service.read()).evaluation).toBeNull();
    const at = new Date(Date.now() + 1000);
    const point = { serviceId: service.id, at, wanted: 2, ready: 1, targets: [reading], activeSchedule: 'night' };
    await insertScalingPoints(api.database, [point, { ...point, serviceId: randomUUID() }]);
    await insertScalingPoints(api.database, [{ ...point, ready: 99 }]);
    expect((await service.read()).evaluation).toEqual({
      at: at.toISOString(),
      ready: 1,
      targets: [reading],
      activeSchedule: 'night',
    });
    const range = `from=${new Date(at.getTime() - 60_000).toISOString()}&to=${new Date(at.getTime() + 1).toISOString()}`;
    const history = await expectOk<{ ready: number[] }>('GET', `${service.path}/scaling/history?${range}`);
    expect(history).toMatchObject({
      wanted: [null, null, null, null, 2],
      targets: [{ target: 0.5, values: [null, null, null, null, 0.8] }],
    });
  });

  it.each([
    ['a range that is none', 'from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z', 'to'],
    ['a range that is too long', 'from=2026-01-01T00:00:00Z&to=2026-03-01T00:00:00Z', 'from'],
    ['no end', 'from=2026-01-01T00:00:00Z', 'to'],
  ])('refuses %s', async (_, query, field) => {
    const { path } = await addService();
    const answer = await call('GET', `${path}/scaling/history?${query}`);
    expect([answer.status, answer.body]).toMatchObject([400, { errors: [{ field }] }]);
  });
});
