import { randomUUID } from 'node:crypto';
import type { Agent, HeartbeatResponse, Service, ServiceConfig, TaskSummary } from '@flotilla/contracts';
import { deliverTasks, endOverdueLeases } from '@flotilla/core-db';
import { insertTestTask } from '@flotilla/core-db/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readDesiredState } from '../testing/read-desired-state.ts';
import {
  reportApplied,
  reportRejected,
  startCores,
  type SimulatedAgent,
  type TestCores,
} from '../testing/start-cores.ts';

let cores: TestCores;
beforeAll(async () => {
  cores = await startCores(2);
});
afterAll(() => cores.close());

const readAgent = async ({ id }: SimulatedAgent) => (await cores.call('GET', `/api/agents/${id}`)).body as Agent;
const readService = async ({ id }: Service) => (await cores.call('GET', `/api/services/${id}`)).body as Service;
const readTasks = async ({ id }: SimulatedAgent) =>
  ((await cores.call('GET', `/api/tasks?agentId=${id}&order=asc`)).body as { items: TaskSummary[] }).items;
const saveAgain = async ({ id, name, agentIds, target, domains }: Service, change: object) => {
  const answer = await cores.call('PUT', `/api/services/${id}`, { name, agentIds, target, domains, ...change });
  expect(answer.status).toBe(200);
  return answer.body as Service;
};

describe('tasks are handed out once', () => {
  const AGENTS = 10;
  const TASKS = 20;
  const BEATS = 8;

  async function addAgentsWithTasks(label: string): Promise<SimulatedAgent[]> {
    const agents = await Promise.all(Array.from({ length: AGENTS }, (_, index) => cores.addAgent(`${label}-${index}`)));
    for (const { id } of agents) {
      for (let count = 0; count < TASKS; count += 1) await insertTestTask(cores.database, { agentId: id });
    }
    return agents;
  }

  it('however many heartbeats come at once, through two processes', async () => {
    const agents = await addAgentsWithTasks('once');
    const answers = await Promise.all(
      agents.flatMap((agent) => Array.from({ length: BEATS }, (_, index) => agent.beat({}, index))),
    );
    const delivered = answers.flatMap(({ tasks }: HeartbeatResponse) => tasks.map(({ id }) => id));
    expect(delivered).toHaveLength(AGENTS * TASKS);
    expect(new Set(delivered).size).toBe(AGENTS * TASKS);
    const rows = await cores.query<{ deliveries: number; count: number }>(
      'select deliveries, count(*)::int as count from tasks where agent_id = any($1) group by deliveries',
      [agents.map(({ id }) => id)],
    );
    expect(rows).toEqual([{ deliveries: 1, count: AGENTS * TASKS }]);
  });

  it('would be handed out twice without the lock (negative control)', async () => {
    const [agent] = await addAgentsWithTasks('twice');
    const looks = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const pickUp = async (index: number) => {
      const found = await cores.query<{ id: string }>(
        `select id from tasks where agent_id = $1 and state = 'pending'`,
        [agent?.id],
      );
      looks[index]?.resolve();
      await Promise.all(looks.map(({ promise }) => promise));
      await cores.query(`update tasks set state = 'delivered' where id = any($1)`, [found.map(({ id }) => id)]);
      return found.map(({ id }) => id);
    };
    const delivered = (await Promise.all([pickUp(0), pickUp(1)])).flat();
    expect(delivered.length).toBeGreaterThan(new Set(delivered).size);
  });

  it('oldest first', async () => {
    const agent = await cores.addAgent('in order');
    const ids: string[] = [];
    for (let count = 0; count < 10; count += 1) {
      const createdAt = new Date(Date.UTC(2026, 0, 1, 0, 10 - count));
      ids.unshift(await insertTestTask(cores.database, { agentId: agent.id, createdAt }));
    }
    expect((await agent.beat()).tasks.map(({ id }) => id)).toEqual(ids);
  });

  it('and again when nothing was heard within the lease', async () => {
    const agent = await cores.addAgent('silent');
    const id = await insertTestTask(cores.database, { agentId: agent.id });
    expect((await agent.beat()).tasks).toHaveLength(1);
    expect((await agent.beat({}, 1)).tasks).toEqual([]);
    await cores.query(`update tasks set lease_until = now() - interval '1 second' where id = $1`, [id]);
    await endOverdueLeases(cores.database, 5);
    expect((await agent.beat({}, 1)).tasks).toMatchObject([{ id }]);
  });

  it('and again, at once, to an agent that was killed with the task in its hands', async () => {
    const agent = await cores.addAgent('killed');
    await cores.addService(agent.id);
    const [before, after] = [randomUUID(), randomUUID()];
    const first = await agent.beat({ sessionId: before });
    expect(first.tasks).toHaveLength(1);
    expect((await agent.beat({ sessionId: before })).tasks).toEqual([]);
    expect((await agent.beat({ sessionId: after }, 1)).tasks).toMatchObject([{ id: first.tasks[0]?.id }]);
  });

  it('to the agent of the key only', async () => {
    const [one, other] = [await cores.addAgent('one'), await cores.addAgent('other')];
    const id = await insertTestTask(cores.database, { agentId: one.id });
    expect((await other.beat({ agentId: one.id })).tasks).toEqual([]);
    await other.beat({ taskResults: [{ taskId: id, status: 'failed', error: 'not mine' }] });
    expect((await readTasks(one))[0]).toMatchObject({ state: 'pending', outcome: null });
  });
});

describe('an older desired state', () => {
  it('is never delivered after a newer one, whatever its agent had begun', async () => {
    const agent = await cores.addAgent('overtaken');
    const service = await cores.addService(agent.id);
    const [old] = (await agent.beat()).tasks;
    await agent.beat({ taskResults: [{ taskId: old?.id, status: 'running' }] });
    await saveAgain(service, { name: 'newer' });
    const [newer] = (await agent.beat()).tasks;
    await agent.beat({ taskResults: [reportApplied(newer)], appliedRevision: readDesiredState(newer)?.revision });
    await cores.query(`update tasks set lease_until = now() - interval '1 second' where agent_id = $1`, [agent.id]);
    await endOverdueLeases(cores.database, 5);
    expect((await agent.beat({ appliedRevision: readDesiredState(newer)?.revision })).tasks).toEqual([]);
    expect((await readTasks(agent)).map(({ state }) => state)).toEqual(['superseded', 'succeeded']);
  });

  it('says nothing of the newer one when its result comes late', async () => {
    const agent = await cores.addAgent('late');
    const service = await cores.addService(agent.id);
    const [old] = (await agent.beat()).tasks;
    await saveAgain(service, { name: 'newer' });
    const [newer] = (await agent.beat()).tasks;
    const appliedRevision = readDesiredState(newer)?.revision;
    await agent.beat({ taskResults: [reportRejected(newer, 'port 80 is taken')] });
    await agent.beat({ taskResults: [reportApplied(old)], appliedRevision: readDesiredState(old)?.revision });
    expect((await readService(service)).nodes[0]?.configuration).toMatchObject({
      state: 'rejected',
      reason: 'port 80 is taken',
    });
    expect((await readAgent(agent)).configuration).toMatchObject({ state: 'rejected', reason: 'port 80 is taken' });

    await agent.beat({ taskResults: [reportApplied(newer)], appliedRevision });
    expect((await readService(service)).nodes[0]?.configuration.state, 'a task ends once').toBe('rejected');
  });

  it('that was applied is what serves, also when the newer one is rejected', async () => {
    const agent = await cores.addAgent('in between');
    const service = await cores.addService(agent.id);
    const first = (await agent.beat()).tasks[0];
    await agent.beat({ taskResults: [reportApplied(first)], appliedRevision: readDesiredState(first)?.revision });
    const second = await saveAgain(service, { name: 'second' });
    const [overtaken] = (await agent.beat({ appliedRevision: readDesiredState(first)?.revision })).tasks;
    await saveAgain(second, { name: 'third' });
    const appliedRevision = readDesiredState(overtaken)?.revision;
    const { tasks } = await agent.beat({ taskResults: [reportApplied(overtaken)], appliedRevision });
    expect((await readService(service)).nodes[0]?.configuration).toMatchObject({
      state: 'applying',
      appliedRevision: 2,
    });
    await agent.beat({ taskResults: [reportRejected(tasks[0], 'unknown directive')], appliedRevision });
    expect((await readService(service)).nodes[0]?.configuration).toMatchObject({
      state: 'rejected',
      appliedRevision: 2,
    });
    const { body } = await cores.call('GET', `/api/services/${service.id}/config`);
    expect((body as ServiceConfig).history.map(({ state }) => state)).toEqual(['rejected', 'applied', 'applied']);
  });

  it('is not delivered when the change is taken back before it was applied', async () => {
    const agent = await cores.addAgent('taken back');
    await cores.addService(agent.id);
    const [first] = (await agent.beat()).tasks;
    const appliedRevision = readDesiredState(first)?.revision;
    await agent.beat({ taskResults: [reportApplied(first)], appliedRevision });
    const mistake = await cores.addService(agent.id);
    expect((await cores.call('DELETE', `/api/services/${mistake.id}`)).status).toBe(204);
    expect((await agent.beat({ appliedRevision })).tasks).toEqual([]);
    expect((await readAgent(agent)).configuration).toMatchObject({ state: 'applied', services: 1 });
  });

  it('does not unset a rejection of the newer one when it is rejected late', async () => {
    const agent = await cores.addAgent('late rejection');
    const service = await cores.addService(agent.id);
    const [old] = (await agent.beat()).tasks;
    await saveAgain(service, { name: 'newer' });
    const [newer] = (await agent.beat()).tasks;
    await agent.beat({ taskResults: [reportRejected(newer, 'port 80 is taken')] });
    await agent.beat({ taskResults: [reportRejected(old, 'an older reason')] });
    expect((await readAgent(agent)).configuration).toMatchObject({ state: 'rejected', reason: 'port 80 is taken' });
    expect((await agent.beat()).tasks).toEqual([]);
  });
});

describe('reconciliation', () => {
  async function addSettledAgent(name: string) {
    const agent = await cores.addAgent(name);
    const service = await cores.addService(agent.id);
    const [task] = (await agent.beat()).tasks;
    const appliedRevision = readDesiredState(task)?.revision;
    await agent.beat({ taskResults: [reportApplied(task)], appliedRevision });
    expect((await readService(service)).nodes[0]?.configuration.state).toBe('applied');
    return { agent, service, task, appliedRevision };
  }

  it('leaves alone who serves what it should', async () => {
    const { agent, appliedRevision } = await addSettledAgent('settled');
    expect((await agent.beat({ appliedRevision })).tasks).toEqual([]);
    expect(await readTasks(agent)).toHaveLength(1);
  });

  it('brings back an agent that was installed anew, once, though it asks through two processes', async () => {
    const { agent, service, appliedRevision } = await addSettledAgent('anew');
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, core) => agent.beat({ appliedRevision: null }, core)),
    );
    const tasks = answers.flatMap((answer) => answer.tasks);
    expect(tasks).toHaveLength(1);
    expect(readDesiredState(tasks[0])?.revision).toBe(appliedRevision);
    expect((await readAgent(agent)).configuration).toMatchObject({ state: 'applying', appliedRevision: null });
    await agent.beat({ taskResults: [reportApplied(tasks[0])], appliedRevision });
    expect((await readAgent(agent)).configuration).toMatchObject({ state: 'applied', appliedRevision });
    expect((await readService(service)).nodes[0]?.configuration.state).toBe('applied');
  });

  it.each([
    ['nginx rejected', (task: Parameters<typeof reportRejected>[0]) => reportRejected(task, 'bind() failed')],
    [
      'could not be carried out',
      (task: Parameters<typeof reportRejected>[0]) => ({
        taskId: task?.id,
        status: 'failed',
        error: 'bind() failed',
      }),
    ],
  ])('does not try again what %s, and says so', async (what, report) => {
    const agent = await cores.addAgent(`refused: ${what}`);
    const service = await cores.addService(agent.id);
    const [task] = (await agent.beat()).tasks;
    expect((await agent.beat({ taskResults: [report(task)] })).tasks).toEqual([]);
    expect((await agent.beat()).tasks).toEqual([]);
    expect(await readTasks(agent)).toHaveLength(1);
    expect((await readService(service)).nodes[0]?.configuration).toMatchObject({
      state: 'rejected',
      reason: 'bind() failed',
    });
    expect((await readAgent(agent)).configuration).toMatchObject({ state: 'rejected', reason: 'bind() failed' });
  });

  it('does not fill the table for an agent that says both "applied" and "not applied"', async () => {
    const { agent } = await addSettledAgent('confused');
    for (let count = 0; count < 10; count += 1) {
      const { tasks } = await agent.beat({ appliedRevision: null });
      await agent.beat({ taskResults: tasks.map((task) => reportApplied(task)), appliedRevision: null });
    }
    expect((await readTasks(agent)).length).toBeLessThanOrEqual(3);
  });
});

describe('a report', () => {
  it('may hold characters that PostgreSQL cannot', async () => {
    const agent = await cores.addAgent('odd characters');
    const service = await cores.addService(agent.id);
    const odd = 'a\u0000b\ud800c';
    const [task] = (await agent.beat({ facts: buildFacts(odd), containers: [buildContainer(odd)] })).tasks;
    const siteConfigs = [{ serviceId: service.id, serviceRevision: 1, text: `server {}${odd}` }];
    await agent.beat({ taskResults: [reportApplied(task, [{ id: service.id, reason: odd }])], siteConfigs });
    expect((await readAgent(agent)).facts?.hostname).toMatch(/^ab.?c$/);
    expect((await readService(service)).nodes[0]?.configuration.reason).toMatch(/^ab.?c$/);
  });

  it('rejects one site and applies the others', async () => {
    const agent = await cores.addAgent('partly');
    const [good, bad] = [await cores.addService(agent.id), await cores.addService(agent.id)];
    const { tasks } = await agent.beat();
    const appliedRevision = readDesiredState(tasks[0])?.revision;
    const reason = 'host not found in upstream "nowhere"';
    const taskResults = [reportApplied(tasks[0], [{ id: bad.id, reason }])];
    await agent.beat({ taskResults, appliedRevision });
    await agent.beat({ taskResults, appliedRevision });
    expect((await readService(good)).nodes[0]?.configuration).toMatchObject({ state: 'applied', appliedRevision: 1 });
    expect((await readService(bad)).nodes[0]?.configuration).toMatchObject({
      state: 'rejected',
      reason,
      appliedRevision: null,
    });
    expect((await readAgent(agent)).configuration).toMatchObject({ state: 'rejected', rejectedServices: 1 });
    const events = await cores.query<{ subject: string }>(
      `select subject from outbox where payload->>'agentId' = $1 and subject like 'events.configuration%' order by subject`,
      [agent.id],
    );
    expect(events.map(({ subject }) => subject)).toEqual([
      `events.configuration_applied.${good.id}`,
      `events.configuration_rejected.${bad.id}`,
    ]);
  });

  it('asks for what the Core lacks until it has it', async () => {
    const agent = await cores.addAgent('unknown host');
    expect((await agent.beat()).resend).toBe(true);
    expect((await agent.beat({ facts: buildFacts('host') })).resend).toBe(true);
    expect((await agent.beat({ facts: buildFacts('host'), containers: [buildContainer('web')] })).resend).toBe(false);
    expect((await agent.beat({}, 1)).resend).toBe(false);
    expect((await readAgent(agent)).containers).toEqual({ total: 1, running: 1 });
  });
});

it('delivers nothing by itself to an agent without tasks (control of the queries above)', async () => {
  const agent = await cores.addAgent('idle');
  expect(await deliverTasks(cores.database, { agentId: agent.id, leaseMs: 1000, limit: 10 })).toEqual([]);
});

function buildFacts(hostname: string) {
  return {
    hostname,
    operatingSystem: 'Debian GNU/Linux 12',
    kernel: '6.1',
    architecture: 'x64',
    docker: { available: true, version: '20.10.24', reason: null },
    proxy: { state: 'serving', reason: null, nginxVersion: '1.22.1', httpPort: 80, httpsPort: 443 },
  };
}

function buildContainer(name: string) {
  return {
    id: 'c0ffee',
    name,
    image: 'nginx',
    state: 'running',
    status: 'Up 3 hours',
    health: null,
    ports: [],
    networks: [],
    composeProject: null,
    composeService: null,
    createdAt: '2026-01-01T00:00:00Z',
  };
}
