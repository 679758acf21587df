import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { allStreams, PARTITIONS } from '@flotilla/contracts';
import { createTestDatabase, insertTestAgent, type TestDatabase } from '@flotilla/core-db/testing';
import { ensureStreams, type BusConnection } from '@flotilla/runtime';
import { NatsServer } from '@flotilla/runtime/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  addScaledService,
  buildLoad,
  buildSteppingPolicy,
  countConsequences,
  publishLoad,
  readActions,
  TARGET,
} from '../testing/scaled-services.ts';
import { connectTestBus } from '../testing/test-bus.ts';
import { WorkerProcess } from '../testing/worker-process.ts';
import { createRandom } from '@flotilla/contracts/testing';

const BOUND = { timeout: 30_000, interval: 50 };
const SERVICES = 40;
const BREACHES = 200;
const ROUNDS = 20;
const LONGEST_TAKE_OVER_MS = 5000;
/** Breaches are told again and again until somebody has acted, as an agent does, only more often. */
const TELL_EVERY_MS = 100;

describe('workers that share the role scaling', () => {
  let test: TestDatabase;
  let nats: NatsServer;
  let bus: BusConnection;
  let agentId: string;
  let workers: WorkerProcess[];

  beforeEach(async () => {
    test = await createTestDatabase();
    nats = await NatsServer.create();
    await nats.start();
    bus = await connectTestBus(nats.url);
    await ensureStreams(bus, allStreams);
    agentId = await insertTestAgent(test.session);
    workers = [];
  });
  afterEach(async () => {
    await Promise.all(workers.map((worker) => worker.stop('SIGKILL')));
    await bus.close();
    await nats.destroy();
    await test.close();
  });

  async function addWorker(): Promise<void> {
    const env = { WORKER_ROLES: 'scaling' };
    workers.push(await WorkerProcess.start({ databaseUrl: test.url, natsUrl: nats.url, env }));
  }
  async function untilShared(...shares: number[]): Promise<void> {
    const read = () => Promise.all(workers.map((worker) => worker.readFigure('flotilla_scaling_partitions')));
    await expect.poll(async () => (await read()).toSorted((a, b) => a - b), BOUND).toEqual(shares);
  }
  /** Tells of services that get more than their replicas may have, until each has the next number of replicas. */
  async function breach(replicas: ReadonlyMap<string, number>): Promise<void> {
    const loads = [...replicas].map(([id, count]) => buildLoad(id, count, TARGET * (count + 1)));
    const isActed = async (): Promise<boolean> => {
      await publishLoad(bus, agentId, loads);
      const acted = new Set((await readActions(test.session)).map(({ serviceId, to }) => `${serviceId} ${to}`));
      return [...replicas].every(([id, count]) => acted.has(`${id} ${count + 1}`));
    };
    await expect.poll(isActed, { timeout: 30_000, interval: TELL_EVERY_MS }).toBe(true);
  }

  it(`act once on each of ${BREACHES} breaches, two and then three of them, killed at random`, async () => {
    const random = createRandom(4);
    const pick = (count: number): number => random.between(0, count - 1);
    const replicas = new Map<string, number>();
    for (let index = 0; index < SERVICES; index += 1) {
      replicas.set(await addScaledService(test.session, agentId), 1);
    }
    await Promise.all([addWorker(), addWorker()]);
    await untilShared(8, 8);
    let kills = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      if (round === ROUNDS / 2) await addWorker();
      const waiting = [...replicas.keys()];
      const breached = new Map<string, number>();
      while (breached.size < BREACHES / ROUNDS) {
        const [id = ''] = waiting.splice(pick(waiting.length), 1);
        breached.set(id, replicas.get(id) ?? 0);
      }
      const acting = breach(breached);
      if (round % 3 === 1) {
        const [victim] = workers.splice(pick(workers.length), 1);
        await new Promise((resolve) => setTimeout(resolve, pick(200)));
        await victim?.stop('SIGKILL');
        kills += 1;
        await addWorker();
      }
      await acting;
      for (const [id, count] of breached) replicas.set(id, count + 1);
    }
    // What is told once more asks for nothing: the loads are those that were acted on.
    await publishLoad(
      bus,
      agentId,
      [...replicas].map(([id, count]) => buildLoad(id, count, TARGET * count)),
    );
    const expected = [...replicas]
      .flatMap(([serviceId, count]) =>
        Array.from({ length: count - 1 }, (_, index) => ({
          serviceId,
          from: index + 1,
          to: index + 2,
          scaleRevision: index + 1,
        })),
      )
      .toSorted((a, b) => (a.serviceId === b.serviceId ? a.from - b.from : a.serviceId < b.serviceId ? -1 : 1));
    expect(expected).toHaveLength(BREACHES);
    expect(await readActions(test.session)).toEqual(expected);
    expect(await countConsequences(test.session)).toEqual({ tasks: BREACHES, events: BREACHES });
    expect(kills).toBeGreaterThan(5);
  }, 120_000);

  it('take over from one that was killed within 5 s, in every partition', async () => {
    const replicas = new Map<string, number>();
    for (let partition = 0; partition < PARTITIONS; partition += 1) {
      replicas.set(await addScaledService(test.session, agentId, { partition }), 1);
    }
    await Promise.all([addWorker(), addWorker()]);
    await untilShared(8, 8);
    const [victim] = workers.splice(0, 1);
    const killedAt = performance.now();
    await victim?.stop('SIGKILL');
    await breach(replicas);
    expect(performance.now() - killedAt).toBeLessThan(LONGEST_TAKE_OVER_MS);
    expect(await readActions(test.session)).toHaveLength(PARTITIONS);
  }, 60_000);

  it('do not act a second time on a sample that comes again, also after a take-over', async () => {
    const id = await addScaledService(test.session, agentId, { policy: buildSteppingPolicy() });
    await addWorker();
    await untilShared(PARTITIONS);
    const overloaded = [buildLoad(id, 1, TARGET * 5)];
    const sampledAt = Date.now();
    const readNumbers = async () => (await readActions(test.session)).map(({ to }) => to);
    const countRepeats = () => workers[0]?.readFigure('flotilla_consumer_duplicate_rows_total') ?? 0;
    await publishLoad(bus, agentId, overloaded, sampledAt);
    await expect.poll(readNumbers, BOUND).toEqual([2]);
    for (let repeat = 0; repeat < 5; repeat += 1) await publishLoad(bus, agentId, overloaded, sampledAt);
    await expect.poll(countRepeats, BOUND).toBe(5);
    expect(await readNumbers()).toEqual([2]);

    const [victim] = workers.splice(0, 1);
    await victim?.stop('SIGKILL');
    await addWorker();
    await untilShared(PARTITIONS);
    await expect.poll(countRepeats, BOUND).toBe(5);
    expect(await readNumbers(), 'read again at take-over').toEqual([2]);

    await publishLoad(bus, agentId, overloaded, sampledAt + 1);
    await expect.poll(readNumbers, BOUND).toEqual([2, 3]);
  }, 60_000);

  it('go on when the bus was killed, and when it has lost its streams', async () => {
    const id = await addScaledService(test.session, agentId);
    await addWorker();
    await untilShared(PARTITIONS);
    await breach(new Map([[id, 1]]));
    await nats.stop();
    await nats.start();
    await breach(new Map([[id, 2]]));
    await nats.stop();
    await rm(join(nats.place.dir, 'store'), { recursive: true });
    await nats.start();
    await expect.poll(() => bus.isConnected(), BOUND).toBe(true);
    await ensureStreams(bus, allStreams);
    await breach(new Map([[id, 3]]));
    expect(await readActions(test.session)).toHaveLength(3);
  }, 120_000);

  it('go on when the session that holds the partitions was ended', async () => {
    const id = await addScaledService(test.session, agentId);
    await addWorker();
    await untilShared(PARTITIONS);
    await test.session.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where application_name = 'core-workers locks' and datname = current_database()`,
    );
    await breach(new Map([[id, 1]]));
    expect(await readActions(test.session)).toHaveLength(1);
  }, 60_000);
});
