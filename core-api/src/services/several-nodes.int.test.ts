import type { Agent, Site, ScalingStatus, Service, ServiceConfig, TaskResult } from '@flotilla/contracts';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reportApplied, startCores, type SimulatedAgent, type TestCores } from '../testing/start-cores.ts';

let cores: TestCores;
beforeAll(async () => {
  cores = await startCores();
});
afterAll(() => cores.close());

const ascending = (a: number, b: number): number => a - b;
const REPLICAS = { target: { replicas: true, port: 80 }, replicas: { container: { image: 'web' }, count: 3 } };

/** So many nodes that are online, and a service on all of them. */
async function addNodes(count: number): Promise<SimulatedAgent[]> {
  const nodes = await Promise.all(Array.from({ length: count }, () => cores.addAgent(`node-${randomUUID()}`)));
  for (const node of nodes) await node.beat();
  return nodes;
}
async function addPair(): Promise<[SimulatedAgent, SimulatedAgent]> {
  const [one, other] = await addNodes(2);
  if (one === undefined || other === undefined) throw new Error('two nodes were asked for');
  return [one, other];
}
const idsOf = (nodes: readonly SimulatedAgent[]): string[] => nodes.map(({ id }) => id).toSorted();
const addService = (nodes: readonly SimulatedAgent[], change: object = REPLICAS): Promise<Service> =>
  cores.addService('', { agentIds: idsOf(nodes), ...change });

async function expectOk<Body>(method: string, path: string, json?: unknown): Promise<Body> {
  const answer = await cores.call(method, path, json);
  expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(300);
  return answer.body as Body;
}
const read = ({ id }: Service) => expectOk<Service>('GET', `/api/services/${id}`);
const readCounts = async ({ id }: Service): Promise<number[]> =>
  (await expectOk<ScalingStatus>('GET', `/api/services/${id}/scaling`)).nodes
    .toSorted((a, b) => (a.agentId < b.agentId ? -1 : 1))
    .map(({ wanted }) => wanted);
const save = ({ id, name, domains }: Service, nodes: readonly SimulatedAgent[], change: object = REPLICAS) =>
  expectOk<Service>('PUT', `/api/services/${id}`, { name, domains, agentIds: idsOf(nodes), ...change });
const saveConfig = ({ id }: Service, node: SimulatedAgent) =>
  expectOk<ServiceConfig>('GET', `/api/services/${id}/config?agentId=${node.id}`);

/** Takes a node's newest desired state and says what became of it. */
async function apply(node: SimulatedAgent, rejected?: { id: string; reason: string }): Promise<Site[]> {
  const task = (await node.beat()).tasks.find(({ type }) => type === 'UPDATE_NGINX');
  const result: TaskResult = reportApplied(task, rejected === undefined ? [] : [rejected]);
  await node.beat({ taskResults: [result] });
  return task?.type === 'UPDATE_NGINX' ? task.payload.sites : [];
}

describe('a service on several nodes', () => {
  it('is served by each of them, with its share of the replicas', async () => {
    const nodes = await addNodes(2);
    const service = await addService(nodes);
    expect(service).toMatchObject({ agentIds: idsOf(nodes), state: 'applying' });
    const sites = (await Promise.all(nodes.map((node) => apply(node)))).flat();
    expect(sites.map(({ serviceId }) => serviceId)).toEqual([service.id, service.id]);
    expect(sites.map(({ replicas }) => replicas?.count ?? 0).toSorted(ascending)).toEqual([1, 2]);
    expect(await readCounts(service)).toEqual([2, 1]);
    expect(await read(service)).toMatchObject({ state: 'applied' });
  });

  it('says of each node what became of it, and the worst of the whole', async () => {
    const [one, other] = await addPair();
    const service = await addService([one, other]);
    await apply(one);
    expect(await read(service)).toMatchObject({ state: 'applying' });
    await apply(other, { id: service.id, reason: 'no such container' });
    const { state, nodes } = await read(service);
    expect(state).toBe('rejected');
    const configurations = new Map(nodes.map(({ agentId, configuration }) => [agentId, configuration]));
    expect(configurations.get(one.id)).toMatchObject({ state: 'applied', appliedRevision: 1 });
    expect(configurations.get(other.id)).toMatchObject({ state: 'rejected', reason: 'no such container' });
    for (const [state, expected] of [
      ['rejected', true],
      ['applied', false],
    ] as const) {
      const list = await expectOk<{ items: Service[] }>('GET', `/api/services?state=${state}&pageSize=100`);
      expect(list.items.some(({ id }) => id === service.id)).toBe(expected);
    }
  });

  it('has a history and a file for each node', async () => {
    const [one, other] = await addPair();
    const service = await addService([one, other]);
    for (const node of [one, other]) {
      await apply(node);
      const text = `# of ${node.id}`;
      await node.beat({ siteConfigs: [{ serviceId: service.id, serviceRevision: 1, text }] });
      expect(await saveConfig(service, node)).toMatchObject({
        agentId: node.id,
        config: text,
        history: [{ revision: 1, state: 'applied', config: text }],
      });
    }
    const stranger = await cores.call('GET', `/api/services/${service.id}/config?agentId=${randomUUID()}`);
    expect(stranger).toMatchObject({ status: 400, body: { errors: [{ field: 'agentId' }] } });
  });

  it('is spread anew when its nodes change, and says so once', async () => {
    const nodes = await addNodes(3);
    const [, ...others] = nodes.toSorted((a, b) => (a.id < b.id ? -1 : 1));
    const service = await addService(others);
    expect(await readCounts(service)).toEqual([2, 1]);
    await save(service, nodes);
    expect(await readCounts(service)).toEqual([1, 1, 1]);
    await save(service, others.slice(0, 1));
    expect(await readCounts(service)).toEqual([3]);
    for (const gone of others.slice(1)) expect(await apply(gone)).toEqual([]);
    await save(service, others.slice(0, 1));
    expect(await expectOk('GET', `/api/services/${service.id}/scaling`)).toMatchObject({ scaleRevision: 2 });
  });

  it('is scaled by hand as one', async () => {
    const nodes = await addNodes(3);
    const service = await addService(nodes);
    await expectOk('POST', `/api/services/${service.id}/scale`, { count: 8 });
    expect(await readCounts(service)).toEqual([3, 3, 2]);
    await expectOk('POST', `/api/services/${service.id}/scale`, { count: 1 });
    expect((await readCounts(service)).toSorted(ascending)).toEqual([0, 0, 1]);
    for (const node of nodes) {
      const { tasks } = await node.beat();
      expect(tasks.filter(({ type }) => type === 'SCALE')).toHaveLength(1);
    }
  });

  it('gives a node that is offline no more', async () => {
    const online = await addNodes(1);
    const offline = await cores.addAgent(`node-${randomUUID()}`);
    const service = await addService([...online, offline]);
    const { nodes } = await expectOk<ScalingStatus>('GET', `/api/services/${service.id}/scaling`);
    expect(nodes.find(({ agentId }) => agentId === offline.id)?.wanted).toBe(0);
  });

  it('shows what each node told of its replicas, and null of one that has told nothing', async () => {
    const [one, other] = await addPair();
    const service = await addService([one, other]);
    const report = {
      serviceId: service.id,
      serviceRevision: 1,
      wanted: 2,
      specification: 'a'.repeat(64),
      rollout: 'settled',
      problem: null,
      replicas: [],
    };
    await one.beat({ replicas: [report] });
    const { nodes } = await expectOk<{ nodes: { agentId: string; report: object | null }[] }>(
      'GET',
      `/api/services/${service.id}/replicas`,
    );
    expect(nodes.find(({ agentId }) => agentId === one.id)?.report).toMatchObject({ wanted: 2 });
    expect(nodes.find(({ agentId }) => agentId === other.id)).toMatchObject({ report: null, reportedAt: null });
    const shown = (await read(service)).nodes;
    expect(shown.find(({ agentId }) => agentId === one.id)?.replicas).toEqual({ ready: 0, wanted: 2, problem: null });
    expect(shown.find(({ agentId }) => agentId === other.id)?.replicas).toBeNull();

    const readUnserved = async () =>
      (await expectOk<Agent>('GET', `/api/agents/${one.id}`)).configuration.unservedServices;
    expect(await readUnserved(), 'it may be starting').toBe(0);
    await one.beat({ replicas: [{ ...report, problem: 'no such image' }] });
    expect(await readUnserved()).toBe(1);
  });

  it('has its domains on all of them or on none', async () => {
    const [one, other] = await addPair();
    const taken = await cores.addService(other.id);
    const answer = await cores.call('POST', '/api/services', {
      name: 'late',
      domains: taken.domains,
      agentIds: [one.id, other.id],
      target: { host: 'a', port: 1 },
    });
    expect(answer).toMatchObject({ status: 409, body: { conflicts: [{ serviceId: taken.id }] } });
    await cores.addService(one.id, { domains: taken.domains });
  });

  it('keeps a node from being removed, and goes back to a revision without one that is gone', async () => {
    const [one, other] = await addPair();
    const service = await addService([one, other]);
    expect((await cores.call('DELETE', `/api/agents/${other.id}`)).status).toBe(409);
    await save(service, [one]);
    await expectOk('DELETE', `/api/agents/${other.id}`);
    const back = await expectOk<Service>('POST', `/api/services/${service.id}/rollback`, { revision: 1 });
    expect(back).toMatchObject({ revision: 3, agentIds: [one.id] });
    expect(await readCounts(service)).toEqual([3]);
  });

  it('waits in no circle when many move at once', async () => {
    const nodes = await addNodes(4);
    const services = await Promise.all(Array.from({ length: 6 }, (_, index) => addService(nodes.slice(index % 3))));
    const rounds = Array.from({ length: 5 }, (_, round) => round);
    for (const round of rounds) {
      const answers = await Promise.all(
        services.map(({ id, name, domains }, index) => {
          const agentIds = idsOf(nodes.slice((index + round) % 3, ((index + round) % 3) + 2)).toReversed();
          const body = { name, domains, agentIds, ...REPLICAS };
          return cores.call('PUT', `/api/services/${id}`, body, { core: index });
        }),
      );
      expect(answers.map(({ status }) => status)).toEqual(services.map(() => 200));
    }
    for (const service of services) {
      const counts = await readCounts(service);
      expect(counts.toSorted(ascending)).toEqual([1, 2]);
    }
  });
});
