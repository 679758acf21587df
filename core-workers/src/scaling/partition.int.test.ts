import { partitionOf, type ServiceLoad } from '@flotilla/contracts';
import {
  advanceScale,
  commitScale,
  findServiceScale,
  inTransaction,
  listChangedServices,
  listScaleChanges,
  newId,
  queryRows,
  setScalingPolicy,
} from '@flotilla/core-db';
import { createTestDatabase, insertTestAgent, type TestDatabase } from '@flotilla/core-db/testing';
import { NatsServer } from '@flotilla/runtime/testing';
import type { BusConnection } from '@flotilla/runtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  addScaledService,
  buildLoad,
  buildPolicy,
  buildSteppingPolicy,
  countConsequences,
  readActions,
  TARGET,
} from '../testing/scaled-services.ts';
import { connectTestBus, quietLogger } from '../testing/test-bus.ts';
import { HistoryPoints } from './history-points.ts';
import { NodeRooms } from './node-rooms.ts';
import { Partition } from './partition.ts';
import type { CommitPlan } from './plan-commit.ts';
import { ScalingFigures } from './scaling-figures.ts';
import { storeDecision } from './store-decision.ts';

let test: TestDatabase;
let nats: NatsServer;
let bus: BusConnection;
let agentId: string;

beforeAll(async () => {
  test = await createTestDatabase();
  nats = await NatsServer.create();
  await nats.start();
  bus = await connectTestBus(nats.url);
  agentId = await insertTestAgent(test.session);
});
afterAll(async () => {
  await bus.close();
  await nats.destroy();
  await test.close();
});

type Store = (plan: CommitPlan) => Promise<number | null>;
const store: Store = (plan) => storeDecision({ database: test.database, bus, logger: quietLogger() }, plan);

/** What another process would have in its memory of one service. */
async function own(serviceId: string, { store: storeBy = store, since = new Date(0) } = {}) {
  const figures = new ScalingFigures();
  const points = new HistoryPoints({ database: test.database, figures });
  const abort = new AbortController();
  const partition = new Partition({
    logger: quietLogger(),
    rooms: new NodeRooms(test.database),
    points,
    figures,
    signal: abort.signal,
    store: storeBy,
    recordsHolds: true,
    onOvertaken: () => undefined,
  });
  const read = async () => {
    const { services } = await listChangedServices(test.database.manager, [partitionOf(serviceId)], '0');
    return services.filter((service) => service.serviceId === serviceId);
  };
  partition.load(await read(), await listScaleChanges(test.session, [serviceId], since));
  return {
    partition,
    points,
    abort,
    learn: async () => partition.learn(await read(), Date.now()),
    tell: (load: ServiceLoad, sampledAt: number, from = agentId) =>
      partition.observe({ agentId: from, sampledAt, intervalMs: 5000, services: [load] }),
    readFigure: (name: string): number =>
      figures
        .plan()
        .filter((figure) => figure.name === `flotilla_scaling_${name}_total`)
        .reduce((sum, figure) => sum + (figure.read() ?? 0), 0),
  };
}

const readNumbers = async (id: string): Promise<string[]> =>
  (await readActions(test.session))
    .filter(({ serviceId }) => serviceId === id)
    .map(({ from, to }) => `${from} to ${to}`);
const readEvents = (id: string, kind: string) =>
  queryRows<{ data: object }>(
    test.session,
    `select payload->'data' as data from outbox where payload->>'serviceId' = $1 and payload->>'kind' = $2`,
    [id, kind],
  );
const overload = (id: string, replicas = 1) => buildLoad(id, replicas, TARGET * (replicas + 1));

describe('two owners of a service by mistake', () => {
  async function decideTwice(storeBy: Store): Promise<{ id: string; overtaken: number }> {
    const id = await addScaledService(test.session, agentId);
    const owners = [await own(id, { store: storeBy }), await own(id, { store: storeBy })];
    const sampledAt = Date.now();
    for (const owner of owners) {
      owner.partition.goLive(sampledAt);
      owner.tell(overload(id), sampledAt);
    }
    await Promise.all(owners.map(({ partition }) => partition.settle()));
    const overtaken = owners.reduce((sum, { readFigure }) => sum + readFigure('overtaken_decisions'), 0);
    return { id, overtaken };
  }

  it('make one action of one breach', async () => {
    const before = await countConsequences(test.session);
    const { id, overtaken } = await decideTwice(store);
    expect(await readNumbers(id)).toEqual(['1 to 2']);
    expect(overtaken).toBe(1);
    const after = await countConsequences(test.session);
    expect([after.tasks - before.tasks, after.events - before.events]).toEqual([1, 1]);
  });

  it('would make two without the guard by the scale revision (negative control)', async () => {
    let line = Promise.resolve<number | null>(null);
    const unguarded: Store = (plan) => {
      line = line.then(async () => {
        if (plan.kind !== 'scale') return null;
        const now = await findServiceScale(test.session, plan.commit.decision.serviceId);
        const commit = { ...plan.commit, scaleRevision: now?.scaleRevision ?? 0 };
        return inTransaction(test.database, (tx) => commitScale(tx, commit));
      });
      return line;
    };
    const { id } = await decideTwice(unguarded);
    expect(await readNumbers(id)).toEqual(['1 to 2', '1 to 2']);
  });
});

describe('a service on two nodes', () => {
  const buildPair = async () => {
    const other = await insertTestAgent(test.session, { status: 'online' });
    const id = await addScaledService(test.session, agentId);
    const guard = { serviceId: id, scaleRevision: 0 };
    await advanceScale(test.session, guard, [
      { agentId, count: 1 },
      { agentId: other, count: 1 },
    ]);
    return { id, other, owner: await own(id) };
  };
  const readCounts = async (id: string) =>
    (await findServiceScale(test.session, id))?.nodes.map(({ count }) => count).toSorted();

  it('is decided on by the load of both, and placed where the fewest are', async () => {
    const { id, other, owner } = await buildPair();
    const sampledAt = Date.now();
    owner.partition.goLive(sampledAt);
    // Neither has too much by itself for a third and a fourth: 30 requests a second are three replicas' worth.
    owner.tell(buildLoad(id, 1, TARGET * 1.5), sampledAt);
    owner.tell(buildLoad(id, 1, TARGET * 1.5), sampledAt + 1, other);
    await owner.partition.settle();
    expect(await readNumbers(id)).toEqual(['2 to 3']);
    expect(await readCounts(id)).toEqual([1, 2]);
  });

  it('tells both of a change, once each', async () => {
    const { id, other, owner } = await buildPair();
    const before = await countConsequences(test.session);
    const sampledAt = Date.now();
    owner.partition.goLive(sampledAt);
    owner.tell(buildLoad(id, 1, TARGET * 2), sampledAt);
    owner.tell(buildLoad(id, 1, TARGET * 2), sampledAt + 1, other);
    await owner.partition.settle();
    const after = await countConsequences(test.session);
    expect(await readCounts(id)).toEqual([2, 2]);
    expect([after.tasks - before.tasks, after.events - before.events]).toEqual([2, 1]);
  });
});

describe('a decision that something else overtakes', () => {
  it.each<[string, (id: string) => Promise<void>, string[]]>([
    ['the policy is paused', (id) => setScalingPolicy(test.session, id, buildPolicy({ isPaused: true })), []],
    ['the policy is removed', (id) => setScalingPolicy(test.session, id, null), []],
    [
      'the service is removed',
      async (id) => void (await test.session.query('delete from services where id = $1', [id])),
      [],
    ],
    ['nothing happens (the control)', () => Promise.resolve(), ['1 to 2']],
  ])('comes to nothing when %s', async (_, interfere, numbers) => {
    const id = await addScaledService(test.session, agentId);
    const owner = await own(id, {
      store: async (plan) => {
        await interfere(id);
        return store(plan);
      },
    });
    owner.partition.goLive(Date.now());
    owner.tell(overload(id), Date.now());
    await owner.partition.settle();
    expect(await readNumbers(id)).toEqual(numbers);
    expect(owner.readFigure('overtaken_decisions')).toBe(1 - numbers.length);
  });

  it('is made anew once it is known what has overtaken it', async () => {
    const id = await addScaledService(test.session, agentId);
    const [slow, quick] = [await own(id), await own(id)];
    const sampledAt = Date.now();
    for (const { partition } of [slow, quick]) partition.goLive(sampledAt);
    quick.tell(overload(id), sampledAt);
    await quick.partition.settle();
    slow.tell(overload(id), sampledAt);
    await slow.partition.settle();
    slow.tell(overload(id, 2), sampledAt + 1);
    await slow.partition.settle();
    expect(await readNumbers(id), 'it does not know yet').toEqual(['1 to 2']);
    await slow.learn();
    slow.tell(overload(id, 2), sampledAt + 5000);
    await slow.partition.settle();
    expect(await readNumbers(id)).toEqual(['1 to 2', '2 to 3']);
  });

  it('is not made when the partition is lost', async () => {
    const id = await addScaledService(test.session, agentId);
    const owner = await own(id);
    owner.partition.goLive(Date.now());
    owner.abort.abort();
    owner.tell(overload(id), Date.now());
    await owner.partition.settle();
    expect(await readNumbers(id)).toEqual([]);
  });
});

describe('a take-over', () => {
  it('does not act while it reads again, and then on what nobody has acted on', async () => {
    const id = await addScaledService(test.session, agentId, { policy: buildSteppingPolicy() });
    const start = Date.now() - 10_000;
    const first = await own(id);
    first.partition.goLive(start);
    first.tell(overload(id), start);
    await first.partition.settle();
    expect(await readNumbers(id)).toEqual(['1 to 2']);

    const second = await own(id);
    second.tell(overload(id), start);
    second.partition.goLive(Date.now());
    await second.partition.settle();
    expect(await readNumbers(id), 'the sample that was acted on').toEqual(['1 to 2']);

    const third = await own(id);
    for (const sampledAt of [start, start + 5000]) third.tell(overload(id, 2), sampledAt);
    third.partition.goLive(Date.now());
    await third.partition.settle();
    expect(await readNumbers(id), 'one that came after it').toEqual(['1 to 2', '2 to 3']);
  });

  it('does not act on a sample of long ago', async () => {
    const id = await addScaledService(test.session, agentId);
    const owner = await own(id);
    owner.tell(overload(id), Date.now() - 60_000);
    owner.partition.goLive(Date.now());
    await owner.partition.settle();
    expect(await readNumbers(id)).toEqual([]);
  });

  it('knows of changes before the first sample that it reads', async () => {
    const policy = buildPolicy({ scaleUp: { tolerance: 0, steps: [], cooldownMs: 60_000 } });
    const id = await addScaledService(test.session, agentId, { policy });
    const now = Date.now();
    const first = await own(id);
    first.partition.goLive(now);
    first.tell(overload(id), now);
    await first.partition.settle();
    const [knowing, ignorant] = [await own(id), await own(id, { since: new Date(now + 1) })];
    const goOn = async ({ partition, tell }: typeof knowing): Promise<string[]> => {
      partition.goLive(now);
      tell(overload(id, 2), now + 5000);
      await partition.settle();
      return readNumbers(id);
    };
    expect(await goOn(knowing), 'the cooldown goes on').toEqual(['1 to 2']);
    expect(await goOn(ignorant), 'the control').toEqual(['1 to 2', '2 to 3']);
  });
});

describe('samples', () => {
  it('count from the nodes that a service lives on', async () => {
    const id = await addScaledService(test.session, agentId);
    const owner = await own(id);
    owner.partition.goLive(Date.now());
    owner.tell(overload(id), Date.now(), newId());
    await owner.partition.settle();
    expect(await readNumbers(id)).toEqual([]);
    owner.tell(overload(id), Date.now());
    await owner.partition.settle();
    expect(await readNumbers(id)).toEqual(['1 to 2']);
  });

  it('that ask for more than the maximum never get it, and that is told once', async () => {
    const id = await addScaledService(test.session, agentId, { policy: buildPolicy({ maxReplicas: 3 }) });
    const owner = await own(id);
    const now = Date.now();
    owner.partition.goLive(now);
    for (let step = 0; step < 5; step += 1) {
      owner.tell(buildLoad(id, Math.min(3, step + 1), 1e9), now + step * 5000);
      await owner.partition.settle();
    }
    expect(await readNumbers(id)).toEqual(['1 to 3']);
    expect(await readEvents(id, 'service.scaling_limited')).toMatchObject([
      { data: { limit: 'maximum', replicas: 3 } },
    ]);
  });

  it('become points of the chart, one in 15 s, with and without a policy', async () => {
    const ids = [
      await addScaledService(test.session, agentId),
      await addScaledService(test.session, agentId, { policy: null }),
    ];
    for (const id of ids) {
      const owner = await own(id);
      const now = Date.now();
      owner.partition.goLive(now);
      for (let step = 0; step < 7; step += 1) owner.tell(buildLoad(id, 1, TARGET), now + step * 5000);
      await owner.partition.settle();
      await owner.points.flush();
      const rows = await queryRows<{ wanted: number; ready: number }>(
        test.session,
        'select wanted, ready from scaling_points where service_id = $1 order by at',
        [id],
      );
      expect(rows).toEqual(Array.from({ length: 3 }, () => ({ wanted: 1, ready: 1 })));
    }
  });
});
