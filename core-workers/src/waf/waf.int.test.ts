import {
  allStreams,
  SHIPPED_GUARDS,
  ruleSettings,
  settingsOf,
  subjects,
  type SuspectEntry,
  type SuspectsMessage,
} from '@flotilla/contracts';
import {
  inTransaction,
  insertBans,
  liftBans,
  newId,
  queryRows,
  saveAllowedNetwork,
  saveWafGuards,
  saveWafRule,
} from '@flotilla/core-db';
import { createTestDatabase, insertTestAgent, type TestDatabase } from '@flotilla/core-db/testing';
import { ensureStreams, type BusConnection } from '@flotilla/runtime';
import { NatsServer } from '@flotilla/runtime/testing';
import { shippedRules, suspectsPartition } from '@flotilla/traffic';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectTestBus } from '../testing/test-bus.ts';
import { WorkerProcess } from '../testing/worker-process.ts';

const BOUND = { timeout: 30_000, interval: 50 };
const CLIENT = '203.0.113.7';

describe('workers that share the role waf', () => {
  let test: TestDatabase;
  let nats: NatsServer;
  let bus: BusConnection;
  let nodes: string[];
  let workers: WorkerProcess[];
  let lastAt: number;

  beforeEach(async () => {
    test = await createTestDatabase();
    nats = await NatsServer.create();
    await nats.start();
    bus = await connectTestBus(nats.url);
    await ensureStreams(bus, allStreams);
    nodes = [await insertTestAgent(test.session), await insertTestAgent(test.session)];
    workers = [];
    lastAt = 0;
  });
  afterEach(async () => {
    await Promise.all(workers.map((worker) => worker.stop('SIGKILL')));
    await bus.close();
    await nats.destroy();
    await test.close();
  });

  async function addWorker(): Promise<WorkerProcess> {
    const env = { WORKER_ROLES: 'waf' };
    const worker = await WorkerProcess.start({ databaseUrl: test.url, natsUrl: nats.url, env });
    workers.push(worker);
    return worker;
  }
  const countPartitions = async (): Promise<number> => {
    const shares = await Promise.all(workers.map((worker) => worker.readFigure('flotilla_waf_partitions')));
    return shares.reduce((sum, share) => sum + share, 0);
  };
  async function addWorkers(count: number): Promise<void> {
    await Promise.all(Array.from({ length: count }, addWorker));
    await expect.poll(countPartitions, BOUND).toBe(16);
  }

  /** As a node tells it: each message has a time of its own. */
  function buildMessage(client: string, entry: Partial<SuspectEntry>): SuspectsMessage {
    lastAt = Math.max(Date.now(), lastAt + 1);
    const one: SuspectEntry = {
      serviceId: null,
      classes: ['sql_injection'],
      method: 'GET',
      status: 200,
      path: '/search',
      userAgent: 'curl/8',
      count: 1,
      firstAt: lastAt,
      lastAt,
      ...entry,
    };
    const suspect = { client, entries: [one], others: {}, samples: [`${client} "GET /search"`], requests: 1 };
    return {
      sampledAt: lastAt,
      node: null,
      suspects: [{ ...suspect, pathHashes: [], hasFetchedChallenge: false, country: null }],
    };
  }
  async function tell(node: number, client = CLIENT, entry: Partial<SuspectEntry> = {}): Promise<SuspectsMessage> {
    const message = buildMessage(client, entry);
    await send(node, client, message);
    return message;
  }
  async function send(node: number, client: string, message: SuspectsMessage): Promise<void> {
    const subject = subjects.suspects(suspectsPartition(client), nodes[node] ?? '');
    await bus.jetstream.publish(subject, JSON.stringify(message));
  }
  const readBans = () =>
    queryRows<{ target: string; ruleId: string; agentId: string | null; state: string; evidence: string[] }>(
      test.session,
      `select target::text as target, rule_id as "ruleId", agent_id as "agentId", state, evidence from bans order by revision`,
    );
  const readEvents = () =>
    queryRows<{ kind: string }>(
      test.session,
      `select payload->>'kind' as kind from outbox where payload->>'kind' like 'waf.%'`,
    );

  const readEvidence = () =>
    queryRows<{ agentId: string; client: string }>(
      test.session,
      `select agent_id as "agentId", message->'suspects'->0->>'client' as client from waf_evidence order by stored_at`,
    );

  it('ban on the whole fleet what two nodes have seen, once, and tell of it', async () => {
    await addWorkers(2);
    await tell(0);
    await tell(1);
    await expect
      .poll(readBans, BOUND)
      .toMatchObject([{ target: `${CLIENT}/32`, ruleId: 'injection', agentId: null, state: 'active' }]);
    expect((await readBans())[0]?.evidence.length).toBeGreaterThan(0);
    expect(await readEvents()).toEqual([{ kind: 'waf.banned' }]);
    await tell(0);
    await tell(1);
    await tell(0, '198.51.100.9');
    await tell(1, '198.51.100.9');
    await expect.poll(readBans, BOUND).toHaveLength(2);
  });

  it('ban on one node only what no other has seen', async () => {
    await addWorkers(1);
    await tell(0);
    await tell(0);
    await expect.poll(readBans, BOUND).toMatchObject([{ target: `${CLIENT}/32`, agentId: nodes[0] }]);
  });

  it('keep what they are told for rules to be tried on, once however often it comes', async () => {
    await addWorkers(1);
    const message = await tell(0);
    await send(0, CLIENT, message);
    await tell(1);
    const expected = nodes.map((agentId) => ({ agentId, client: CLIENT }));
    await expect.poll(readEvidence, BOUND).toEqual(expected);
    // The next owner reads the stream again.
    await Promise.all(workers.map((worker) => worker.stop('SIGKILL')));
    workers = [];
    await addWorkers(1);
    await tell(0, '198.51.100.9');
    await expect.poll(readEvidence, BOUND).toEqual([...expected, { agentId: nodes[0], client: '198.51.100.9' }]);
  });

  it('never ban where a node’s heartbeats come from', async () => {
    await test.session.query(`update agents set seen_networks = '["${CLIENT}/32"]' where id = $1`, [nodes[0]]);
    await addWorkers(1);
    for (const client of [CLIENT, '198.51.100.9']) {
      await tell(0, client);
      await tell(1, client);
    }
    await expect.poll(readBans, BOUND).toMatchObject([{ target: '198.51.100.9/32' }]);
  });

  it('take up what operators set of the limits', async () => {
    await addWorkers(1);
    const guards = { ...SHIPPED_GUARDS, leastAgentsForFleet: 3 };
    await inTransaction(test.database, (tx) => saveWafGuards(tx, guards));
    // Within a second or so: until then two nodes are enough.
    await expect
      .poll(async () => {
        const client = `198.51.100.${1 + (lastAt % 250)}`;
        await tell(0, client);
        await tell(1, client);
        await expect
          .poll(async () => (await readBans()).some(({ target }) => target === `${client}/32`), BOUND)
          .toBe(true);
        return (await readBans()).find(({ target }) => target === `${client}/32`)?.agentId ?? null;
      }, BOUND)
      .not.toBeNull();
  });

  it('do nothing twice for what the bus brings twice', async () => {
    await addWorkers(1);
    const message = await tell(0);
    for (let time = 0; time < 5; time += 1) await send(0, CLIENT, message);
    await tell(0, '198.51.100.9');
    await tell(0, '198.51.100.9');
    await expect.poll(readBans, BOUND).toMatchObject([{ target: '198.51.100.9/32' }]);
  });

  it('ban once, however they are killed in the middle of a window', async () => {
    const clients = Array.from({ length: 12 }, (_, index) => `203.0.${100 + index}.7`);
    for (const client of clients) {
      if (workers.length === 0) await addWorkers(2);
      await tell(0, client);
      const victim = workers.shift();
      await victim?.stop('SIGKILL');
      await tell(1, client);
      await addWorkers(workers.length === 0 ? 2 : 1);
    }
    const listTargets = async (): Promise<string[]> => (await readBans()).map(({ target }) => target).toSorted();
    await expect.poll(listTargets, BOUND).toEqual(clients.map((client) => `${client}/32`).toSorted());
    expect(await readEvents()).toHaveLength(clients.length);
  }, 180_000);

  it('do not ban again for what happened before a ban was lifted, also after a restart', async () => {
    await addWorkers(1);
    await tell(0);
    await tell(1);
    await expect.poll(readBans, BOUND).toHaveLength(1);
    await inTransaction(test.database, (tx) => liftBans(tx, { kind: 'all' }, { at: new Date(), by: 'ann' }));
    await workers.shift()?.stop('SIGKILL');
    await addWorkers(1);
    await tell(0, '198.51.100.9');
    await tell(1, '198.51.100.9');
    await expect
      .poll(async () => (await readBans()).map(({ target, state }) => `${target} ${state}`), BOUND)
      .toEqual([`${CLIENT}/32 lifted`, '198.51.100.9/32 active']);
    await tell(0);
    await tell(1);
    await expect.poll(async () => (await readBans()).length, BOUND).toBe(3);
  });

  it('ban nobody who is allowed, and nobody who is banned already', async () => {
    const [allowed, banned, other] = ['198.51.100.1', '198.51.101.1', '198.51.102.1'];
    const common = { createdAt: new Date(), createdBy: 'ann', expiresAt: null };
    await inTransaction(test.database, (tx) =>
      saveAllowedNetwork(tx, { id: newId(), network: `${allowed}/32`, comment: '', ...common }),
    );
    await inTransaction(test.database, (tx) =>
      insertBans(tx, [
        {
          id: newId(),
          target: `${banned}/32`,
          agentId: null,
          serviceId: null,
          state: 'active',
          reason: { by: 'operator', comment: '' },
          ruleId: null,
          decisionKey: null,
          evidence: [],
          offence: 1,
          ...common,
        },
      ]),
    );
    await addWorkers(1);
    for (const client of [allowed, banned, other]) {
      await tell(0, client);
      await tell(1, client);
    }
    await expect
      .poll(async () => (await readBans()).map(({ target }) => target), BOUND)
      .toEqual([`${banned}/32`, `${other}/32`]);
  });

  it('follow the rules that operators change', async () => {
    const shipped = shippedRules.filter(({ match }) => match.of === 'suspicious');
    for (const one of shipped) {
      const settings = { ...settingsOf(one), isEnabled: false };
      const row = { id: one.id, settings, updatedAt: new Date(), updatedBy: 'ann' };
      await inTransaction(test.database, (tx) => saveWafRule(tx, row));
    }
    await addWorkers(1);
    await tell(0);
    await tell(1);
    // Read before our own rule is there, or it would ban this client as well.
    await expect.poll(readEvidence, BOUND).toHaveLength(2);
    const settings = ruleSettings.parse({
      name: 'Ours',
      match: { of: 'suspicious', classes: ['sql_injection'] },
      threshold: { bucket: { capacity: 1, leakPerSecond: 0.1 } },
      action: { kind: 'ban', durationMs: 60_000, reach: 'node' },
    });
    const own = { id: newId(), settings, updatedAt: new Date(), updatedBy: 'ann' };
    await inTransaction(test.database, (tx) => saveWafRule(tx, own));
    const hasBanned = async (): Promise<unknown> => {
      await tell(0, '198.51.100.9');
      return (await readBans()).map(({ target, ruleId }) => [target, ruleId]);
    };
    await expect.poll(hasBanned, { timeout: 30_000, interval: 300 }).toEqual([['198.51.100.9/32', own.id]]);
  });

  it('read on behind what is no message, and believe no node of another partition’s clients', async () => {
    await addWorkers(1);
    const [node = ''] = nodes;
    await bus.jetstream.publish(subjects.suspects(suspectsPartition(CLIENT), node), 'nonsense');
    const foreign = (suspectsPartition(CLIENT) + 1) % 16;
    for (const one of nodes) {
      await bus.jetstream.publish(subjects.suspects(foreign, one), JSON.stringify(buildMessage(CLIENT, {})));
    }
    await tell(0, '198.51.100.9');
    await tell(1, '198.51.100.9');
    await expect.poll(async () => (await readBans()).map(({ target }) => target), BOUND).toEqual(['198.51.100.9/32']);
  });
});
