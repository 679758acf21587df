import { allStreams, consumers, METRICS_STREAM, subjects } from '@flotilla/contracts';
import { newId, queryRows } from '@flotilla/core-db';
import { createTestDatabase, insertTestAgent, type TestDatabase } from '@flotilla/core-db/testing';
import { ensureStreams, type BusConnection } from '@flotilla/runtime';
import { NatsServer } from '@flotilla/runtime/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RunningConsumer } from '../consumer/start-consumer.ts';
import { buildContainerId, buildSampleMessage, publishSample } from '../testing/build-sample-message.ts';
import { recentTimes } from '../testing/ingestion-stand.ts';
import { connectTestBus, quietLogger, readDeadLetters } from '../testing/test-bus.ts';
import { ingestMetrics } from './ingest-metrics.ts';

const BOUND = { timeout: 20_000, interval: 20 };

describe('ingestMetrics', () => {
  let test: TestDatabase;
  let nats: NatsServer;
  let bus: BusConnection;
  let agentId: string;
  let stops: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    test = await createTestDatabase();
    nats = await NatsServer.create();
    await nats.start();
    bus = await connectTestBus(nats.url);
  });
  afterAll(async () => {
    await bus.close();
    await nats.destroy();
    await test.close();
  });
  beforeEach(async () => {
    await ensureStreams(bus, allStreams);
    agentId = await insertTestAgent(test.session);
  });
  afterEach(async () => {
    await Promise.all(stops.map((stop) => stop()));
    stops = [];
    const manager = await bus.jetstreamManager();
    for (const { name } of allStreams) await manager.streams.delete(name);
  });

  function start(connection = bus): RunningConsumer {
    const abort = new AbortController();
    const running = ingestMetrics({ database: test.database, bus: connection, logger: quietLogger() }, abort.signal);
    stops.push(async () => {
      abort.abort();
      await running.finished;
    });
    return running;
  }

  const readTimes = async (id = agentId): Promise<number[]> => {
    const rows = await queryRows<{ at: Date }>(
      test.session,
      'select at from host_metrics where agent_id = $1 order by at',
      [id],
    );
    return rows.map(({ at }) => at.getTime());
  };
  const untilAllAreAnswered = async (): Promise<void> => {
    await expect
      .poll(async () => {
        const state = await (await bus.jetstreamManager()).consumers.info(METRICS_STREAM.name, consumers.metrics);
        return state.num_pending + state.num_ack_pending;
      }, BOUND)
      .toBe(0);
  };
  it('stores figures of host, containers and series', async () => {
    const { figures } = start();
    const sampledAt = Date.now() - 1000;
    await publishSample(bus, agentId, buildSampleMessage({ sampledAt }));
    await expect.poll(() => readTimes(), BOUND).toEqual([sampledAt]);
    const stored = await queryRows(
      test.session,
      `select h.cpu_percent as host, c.cpu_percent as container, m.name, s.name as series, v.value
       from host_metrics h, metric_containers m
       join container_metrics c on c.container_ref = m.id
       join metric_series s on s.container_ref = m.id join custom_metrics v on v.series_ref = s.id
       where h.agent_id = $1 and m.agent_id = $1`,
      [agentId],
    );
    expect(stored).toEqual([{ host: 12.5, container: 3, name: 'web', series: 'queue.length', value: 7 }]);
    await expect.poll(() => figures.report(), BOUND).toMatchObject({ messages: 1, rows: 3, duplicates: 0, batches: 1 });
  });

  it('stores each sample once, however often and under whatever id it comes', async () => {
    const { figures } = start();
    const times = recentTimes(30);
    for (let repeat = 0; repeat < 3; repeat += 1) {
      for (const sampledAt of times) {
        // Another id each time: what the stream's own window of repeats does not catch.
        await publishSample(bus, agentId, buildSampleMessage({ sampledAt }), { messageId: `${repeat} ${sampledAt}` });
      }
    }
    await untilAllAreAnswered();
    expect(await readTimes()).toEqual(times);
    expect(figures.report()).toMatchObject({ rows: 90, duplicates: 180 });
  });

  it('would store repeats if the key did not forbid it (negative control)', async () => {
    await test.session.query('create table unkeyed as select * from host_metrics with no data');
    await publishSample(bus, agentId, buildSampleMessage({ sampledAt: Date.now() - 1000 }));
    start();
    await expect.poll(() => readTimes(), BOUND).toHaveLength(1);
    for (let repeat = 0; repeat < 2; repeat += 1) {
      await test.session.query('insert into unkeyed select * from host_metrics where agent_id = $1', [agentId]);
    }
    expect(await queryRows(test.session, 'select * from unkeyed')).toHaveLength(2);
  });

  it('shares the work of two processes, and stores everything once', async () => {
    const other = await connectTestBus(nats.url);
    const both = [start(), start(other)];
    const times = recentTimes(400);
    await Promise.all(times.map((sampledAt) => publishSample(bus, agentId, buildSampleMessage({ sampledAt }))));
    await untilAllAreAnswered();
    expect(await readTimes()).toEqual(times);
    expect(both.reduce((sum, { figures }) => sum + figures.report().rows, 0)).toBe(1200);
    await Promise.all(stops.map((stop) => stop()));
    stops = [];
    await other.close();
  });

  it('goes on after a restart of the bus, without losing or repeating a row', async () => {
    start();
    const times = recentTimes(60);
    for (const sampledAt of times.slice(0, 30)) await publishSample(bus, agentId, buildSampleMessage({ sampledAt }));
    await nats.stop();
    await nats.start(null);
    await expect.poll(() => bus.isConnected(), BOUND).toBe(true);
    for (const sampledAt of times.slice(30)) await publishSample(bus, agentId, buildSampleMessage({ sampledAt }));
    await expect.poll(() => readTimes(), BOUND).toEqual(times);
  });

  it('believes the subject, not the body, and counts what is of a removed agent, too old or of the future', async () => {
    const { figures } = start();
    const victim = await insertTestAgent(test.session);
    const [sampledAt = 0] = recentTimes(1);
    await publishSample(bus, agentId, { ...buildSampleMessage({ sampledAt }), agentId: victim });
    await publishSample(bus, newId(), buildSampleMessage({ sampledAt }));
    await publishSample(bus, agentId, buildSampleMessage({ sampledAt: sampledAt - 30 * 86_400_000 }));
    await publishSample(bus, agentId, buildSampleMessage({ sampledAt: sampledAt + 86_400_000 }));
    await untilAllAreAnswered();
    expect(figures.report()).toMatchObject({ rows: 3, refusedValues: 3, deadLetters: 0 });
    expect([await readTimes(), await readTimes(victim)]).toEqual([[sampledAt], []]);
    expect(
      await queryRows(test.session, 'select 1 from host_metrics where at = $1', [new Date(sampledAt)]),
    ).toHaveLength(1);
  });

  it.each([
    ['text', 'hello', /^is not JSON/],
    ['no time', { clockOffsetMs: 0 }, /^sampledAt /],
    [
      'a time in seconds',
      buildSampleMessage({ sampledAt: Math.floor(Date.now() / 1000) }),
      /^sampledAt is before 2020/,
    ],
    ['a list in the place of the host', { ...buildSampleMessage(), host: 7 }, /^host /],
  ])('puts %s among the dead letters, and stores the rest', async (_, body, reason) => {
    start();
    const [sampledAt = 0] = recentTimes(1);
    await publishSample(bus, agentId, body);
    await publishSample(bus, agentId, buildSampleMessage({ sampledAt }));
    await expect.poll(() => readTimes(), BOUND).toEqual([sampledAt]);
    await expect.poll(() => readDeadLetters(bus), BOUND).toHaveLength(1);
    expect(await readDeadLetters(bus)).toMatchObject([
      { stream: 'METRICS', subject: subjects.metrics(agentId), reason: expect.stringMatching(reason) as string },
    ]);
  });

  it('bounds what a message holds, stores what can be true, and counts the rest', async () => {
    const { figures } = start();
    const [sampledAt = 0] = recentTimes(1);
    // As many short rows as fit into a message of one mebibyte.
    const rows = Array.from({ length: 9000 }, (_, index) => [buildContainerId(index), 'x', -1, null] as const);
    await publishSample(bus, agentId, {
      sampledAt,
      clockOffsetMs: 0,
      unknownField: { deep: [1, 2, 3] },
      host: { cpuPercent: 101, memoryUsedBytes: -5, load1: 'NaN', swapUsedBytes: 4, noSuchFigure: 1 },
      containers: { metrics: ['cpuPercent', 'noSuchFigure'], rows },
      series: [[null, '', 1], [null, 'ok', 2], [null, 'ok', 3], 'nonsense'],
    });
    await untilAllAreAnswered();
    const [host] = await queryRows(
      test.session,
      `select cpu_percent, memory_used_bytes, load1, swap_used_bytes,
         (select count(*)::int from metric_containers where agent_id = $1) as containers
       from host_metrics where agent_id = $1`,
      [agentId],
    );
    expect(host).toEqual({
      cpu_percent: null,
      memory_used_bytes: null,
      load1: null,
      swap_used_bytes: 4,
      containers: 2000,
    });
    // Three figures of the host, 2,000 negative ones, 7,000 rows too many, three series.
    expect(figures.report()).toMatchObject({ rows: 2002, refusedValues: 3 + 2000 + 7000 + 3, deadLetters: 0 });
  });
});
