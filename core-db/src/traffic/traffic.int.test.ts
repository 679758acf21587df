import { TRAFFIC_INTERVAL_MS, type ServiceTops, type ServiceTraffic, type TopList } from '@flotilla/contracts';
import { createRandom } from '@flotilla/contracts/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { newId } from '../new-id.ts';
import { insertTestAgent } from '../testing/fixtures.ts';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { rollUpTraffic } from './roll-up-traffic.ts';
import { readTraffic, readTrafficTops, type TrafficScope, type TrafficSum } from './traffic.repository.ts';
import { writeTraffic } from './traffic-writer.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Sums exactly, without bounds: the real one is in `@flotilla/traffic`. */
function merge(a: TopList, b: TopList): TopList {
  const counts = new Map<string, number>();
  for (const { key, count } of [...a.entries, ...b.entries]) counts.set(key, (counts.get(key) ?? 0) + count);
  const entries = [...counts].map(([key, count]) => ({ key, count, error: 0 })).toSorted((x, y) => y.count - x.count);
  return { entries, total: a.total + b.total, othersAtMost: 0 };
}

function listOf(key: string, count: number): TopList {
  return { entries: [{ key, count, error: 0 }], total: count, othersAtMost: 0 };
}

describe('traffic', () => {
  let test: TestDatabase;
  let agentId: string;
  let otherId: string;
  let serviceId: string;
  let sentAt = Date.now();
  /** Hours ago, at a beginning of a rollup of each level. */
  const startMs = Math.floor(Date.now() / (6 * HOUR_MS)) * 6 * HOUR_MS - 6 * HOUR_MS;

  beforeAll(async () => {
    test = await createTestDatabase({ poolSize: 4 });
  });
  afterAll(() => test.close());
  beforeEach(async () => {
    for (const table of [
      'traffic',
      'traffic_1m',
      'traffic_15m',
      'traffic_6h',
      'traffic_tops',
      'traffic_tops_15m',
      'traffic_tops_6h',
      'traffic_rollups_due',
    ])
      await test.session.query(`delete from ${table}`);
    [agentId, otherId, serviceId] = [await insertTestAgent(test.session), await insertTestAgent(test.session), newId()];
    await test.session.query(
      `insert into services (id, name, revision, settings, updated_by) values ($1, $2, 1, '{}', 'test')`,
      [serviceId, `service ${serviceId}`],
    );
    for (const id of [agentId, otherId])
      await test.session.query(
        `insert into service_nodes (service_id, agent_id, config_state) values ($1, $2, 'applied')`,
        [serviceId, id],
      );
  });

  const traffic = (atMs: number, change: Partial<ServiceTraffic> = {}): ServiceTraffic => ({
    serviceId,
    from: startMs + Math.floor(atMs / TRAFFIC_INTERVAL_MS) * TRAFFIC_INTERVAL_MS,
    requests: 3,
    bytesSent: 300,
    statuses: [[200, 2], [404, 1]], // prettier-ignore
    methods: [3, 0, 0, 0, 0, 0, 0, 0],
    protocols: [0, 3, 0, 0, 0],
    latency: [[5, 2], [90, 1]], // prettier-ignore
    upstreamLatency: [[5, 2]],
    ...change,
  });
  const silence = (atMs: number): ServiceTraffic =>
    traffic(atMs, { serviceId: null, requests: 0, bytesSent: 0, statuses: [], methods: Array<number>(8).fill(0), protocols: Array<number>(5).fill(0), latency: [], upstreamLatency: [] }); // prettier-ignore
  const tops = (atMs: number, lists: ServiceTops['lists'], of: string | null = serviceId): ServiceTops => ({
    serviceId: of,
    from: startMs + atMs,
    lists,
  });
  const tell = (services: ServiceTraffic[], told: ServiceTops[] = [], by = agentId) =>
    writeTraffic(test.database, [{ agentId: by, message: { sampledAt: (sentAt += 1), services, tops: told } }]);
  const rollUp = async (): Promise<void> => {
    for (let isMore = true; isMore;) {
      await test.session.query(`update traffic_rollups_due set due_at = now() - interval '1 second'`);
      isMore = (await rollUpTraffic(test.database, merge)).buckets > 0;
    }
  };

  /** What a whole range has, however it is stored. */
  const readSum = async (scope: TrafficScope, hours = 6) => {
    const range = {
      from: new Date(startMs),
      to: new Date(startMs + hours * HOUR_MS),
      stepMs: 'auto',
      maxPoints: 240,
    } as const;
    const { steps, resolution } = await readTraffic(test.session, scope, range);
    const parts = steps.flatMap((step) => step ?? []);
    const sum = (pick: (part: TrafficSum) => number): number => parts.reduce((total, part) => total + pick(part), 0);
    const count = (pick: (part: TrafficSum) => readonly (readonly [number, number])[]): Record<number, number> => {
      const counts: Record<number, number> = {};
      for (const [value, amount] of parts.flatMap(pick)) counts[value] = (counts[value] ?? 0) + amount;
      return counts;
    };
    return {
      resolution,
      known: steps.filter((step) => step !== null).length,
      requests: sum((part) => part.requests),
      bytesSent: sum((part) => part.bytesSent),
      gets: sum((part) => part.methods[0] ?? 0),
      statuses: count((part) => part.statuses),
      latency: count((part) => part.latency),
      upstreamLatency: count((part) => part.upstreamLatency),
    };
  };
  const readTops = (scope: TrafficScope) =>
    readTrafficTops(
      test.session,
      scope,
      { from: new Date(startMs), to: new Date(startMs + 6 * HOUR_MS), stepMs: 'auto', maxPoints: 60 },
      merge,
    );

  it('is stored once, however often it comes', async () => {
    const message = {
      sampledAt: sentAt,
      services: [traffic(0), silence(0)],
      tops: [tops(0, { paths: listOf('/', 3) })],
    };
    const write = () => writeTraffic(test.database, [{ agentId, message }]);
    expect(await write()).toEqual({ rows: 3, duplicates: 0, refused: 0 });
    expect(await write()).toEqual({ rows: 0, duplicates: 3, refused: 0 });
    expect(await tell([traffic(0)]), 'the control: another message is not the same').toMatchObject({ rows: 1 });
    expect((await readSum({ serviceId })).requests).toBe(6);
  });

  it.each<[string, () => Promise<unknown>]>([
    ['of a node that was removed', () => tell([traffic(0)], [], newId())],
    ['of a service that was removed', () => tell([traffic(0, { serviceId: newId() })])],
    ['of last month', () => tell([traffic(-30 * 24 * HOUR_MS)])],
    ['of tomorrow', () => tell([traffic(48 * HOUR_MS)])],
    ['lists of tomorrow', () => tell([], [tops(48 * HOUR_MS, {})])],
  ])('is refused: %s, and the rest is stored', async (_, write) => {
    expect(await write()).toEqual({ rows: 0, duplicates: 0, refused: 1 });
    expect(await tell([traffic(0)])).toMatchObject({ rows: 1 });
  });

  it('is the same in every scope before and after each rollup, and when more comes late', async () => {
    const random = createRandom(11);
    const send = async (amount: number): Promise<void> => {
      for (let index = 0; index < amount; index += 1) {
        const status = random.pick(200, 301, 404, 500);
        const requests = random.between(1, 9);
        const latency: [number, number][] = [[random.between(0, 800), requests]];
        const change = { requests, statuses: [[status, requests]] as [number, number][], latency };
        const none = random.between(0, 4) === 0 ? { serviceId: null } : {};
        await tell(
          [traffic(random.between(0, 2 * HOUR_MS - 1), { ...change, ...none })],
          [],
          random.pick(agentId, otherId),
        );
      }
    };
    const scopes: TrafficScope[] = [{}, { agentId }, { serviceId }, { serviceId, agentId }];
    const readAll = async () =>
      Promise.all(scopes.map(async (scope) => ({ ...(await readSum(scope)), resolution: null, known: null })));
    await send(150);
    const raw = await readAll();
    expect(raw[0]?.requests).toBeGreaterThan(raw[1]?.requests ?? 0);
    expect(raw[0]?.requests).toBeGreaterThan(raw[2]?.requests ?? 0);
    await rollUp();
    expect(await readAll()).toEqual(raw);
    expect((await readSum({})).resolution).not.toBe('raw');
    await send(30);
    const more = await readAll();
    expect(more[0]?.requests).toBeGreaterThan(raw[0]?.requests ?? 0);
    await rollUp();
    expect(await readAll()).toEqual(more);
    // Past their retention the finer rows go.
    await test.session.query('delete from traffic');
    expect(await readAll()).toEqual(more);
  });

  it('is unknown where no node told anything, and none where one told that nothing came', async () => {
    await tell([silence(0), silence(5000), traffic(MINUTE_MS)]);
    for (const isRolledUp of [false, true]) {
      if (isRolledUp) await rollUp();
      const range = {
        from: new Date(startMs),
        to: new Date(startMs + 3 * MINUTE_MS),
        stepMs: MINUTE_MS,
        maxPoints: 240,
      };
      const { steps } = await readTraffic(test.session, { serviceId }, range);
      expect(steps.map((step) => step?.reduce((sum, part) => sum + part.requests, 0) ?? null)).toEqual([0, 3, null]);
      const other = await readTraffic(test.session, { agentId: otherId }, range);
      expect(other.steps).toEqual([null, null, null]);
    }
  });

  it('has lists that are the same before and after each rollup', async () => {
    for (let minute = 0; minute < 40; minute += 1) {
      await tell(
        [traffic(minute * MINUTE_MS)],
        [tops(minute * MINUTE_MS, { paths: listOf(minute % 2 === 0 ? '/a' : '/b', minute) })],
      );
    }
    await tell([], [tops(0, { paths: listOf('/c\0', 5), countries: listOf('DE', 7) }, null)], otherId);
    const read = async () => [await readTops({}), await readTops({ serviceId }), await readTops({ agentId: otherId })];
    const raw = await read();
    expect(raw[0]?.paths?.entries.map(({ key, count }) => [key, count])).toEqual([
      ['/b', 400],
      ['/a', 380],
      ['/c', 5],
    ]);
    expect(raw[1]?.countries).toBeUndefined();
    expect(raw[2]?.countries?.total).toBe(7);
    await rollUp();
    expect(await read()).toEqual(raw);
    const [{ count } = { count: 0 }]: { count: number }[] = await test.session.query(
      'select count(*)::int as count from traffic_tops_6h',
    );
    expect(count).toBe(4);
  });

  it('comes into a partition that maintenance has not made', async () => {
    const partitions: { name: string }[] = await test.session.query(
      `select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid join pg_class p on p.oid = i.inhparent
       where p.relname in ('traffic', 'traffic_tops')`,
    );
    expect(partitions.length).toBeGreaterThan(4);
    for (const { name } of partitions) await test.session.query(`drop table ${name}`);
    expect(await tell([traffic(0)], [tops(0, {})])).toMatchObject({ rows: 2 });
  });
});
