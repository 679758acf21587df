import { subjects } from '@flotilla/contracts';
import { connectBus, createLogger, type BusConnection } from '@flotilla/runtime';
import { NatsServer } from '@flotilla/runtime/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCores, type TestCores } from './testing/start-cores.ts';

const logger = createLogger({ name: 'test', level: 'fatal' });
const BOUND = { timeout: 5000, interval: 10 };

let server: NatsServer;
let bus: BusConnection;
let cores: TestCores;
beforeAll(async () => {
  server = await NatsServer.create();
  await server.start();
  bus = await connectBus({ servers: [server.url], name: 'core', logger });
  cores = await startCores(1, { connection: bus });
});
afterAll(async () => {
  await cores.close();
  await bus.close();
  await server.destroy();
});

/** Which agents were woken, and what each would have been given at that moment. */
function listen() {
  const woken: { subject: string; tasks: Promise<object[]> }[] = [];
  const subscription = bus.nats.subscribe('agents.*.wake', {
    callback: (_error, { subject }) => {
      const agentId = subject.split('.')[1];
      const tasks = cores.query(`select id from tasks where agent_id = $1 and state = 'pending'`, [agentId]);
      woken.push({ subject, tasks });
    },
  });
  return { woken, close: () => subscription.unsubscribe() };
}

describe('a save', () => {
  it('wakes its node once it is committed, and both nodes of a move', async () => {
    const [from, to] = [await cores.addAgent('from'), await cores.addAgent('to')];
    const { woken, close } = listen();
    await bus.nats.flush();
    const { id, name, domains, target } = await cores.addService(from.id);
    await expect.poll(() => woken.map(({ subject }) => subject), BOUND).toEqual([subjects.agentWake(from.id)]);
    expect(await woken[0]?.tasks).toHaveLength(1);

    await cores.call('PUT', `/api/services/${id}`, { name, domains, target, agentIds: [to.id] });
    await expect
      .poll(() => new Set(woken.slice(1).map(({ subject }) => subject)), BOUND)
      .toEqual(new Set([subjects.agentWake(from.id), subjects.agentWake(to.id)]));
    close();
  });

  it('that is refused wakes nobody', async () => {
    const agent = await cores.addAgent('undisturbed');
    const { woken, close } = listen();
    await bus.nats.flush();
    const refused = { name: 'x', domains: ['*.*.com'], agentIds: [agent.id], target: { host: 'a.internal', port: 1 } };
    expect((await cores.call('POST', '/api/services', refused)).status).toBe(400);
    // Messages of one connection arrive in order: with the second one here, the first would have been.
    const other = await cores.addAgent('disturbed');
    await cores.addService(other.id);
    await expect.poll(() => woken.map(({ subject }) => subject), BOUND).toEqual([subjects.agentWake(other.id)]);
    close();
  });

  it('is stored also when the bus goes at that moment', async () => {
    const agent = await cores.addAgent('unreachable');
    await bus.close();
    expect(await cores.addService(agent.id)).toMatchObject({ revision: 1 });
    expect((await agent.beat()).tasks).toHaveLength(1);
  });
});
