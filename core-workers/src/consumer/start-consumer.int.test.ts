import { busEvent, EVENTS_STREAM, allStreams, type BusEvent } from '@flotilla/contracts';
import { createLogger, ensureStreams, type BusConnection } from '@flotilla/runtime';
import { NatsServer } from '@flotilla/runtime/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { buildEvent, connectTestBus, publishEvent, quietLogger, readDeadLetters } from '../testing/test-bus.ts';
import { ConsumerFigures } from './consumer-figures.ts';
import type { ConsumerDefinition } from './consumer-definition.ts';
import { parseMessage } from './parse-message.ts';
import { startConsumer } from './start-consumer.ts';

const DURABLE = 'test-consumer';
const BOUND = { timeout: 15_000, interval: 20 };

class DatabaseAway extends Error {}

describe('startConsumer', () => {
  const server = { current: null as NatsServer | null };
  let bus: BusConnection;
  let stops: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    server.current = await NatsServer.create();
    await server.current.start();
    bus = await connectTestBus(server.current.url);
  });
  afterAll(async () => {
    await bus.close();
    await server.current?.destroy();
  });
  beforeEach(() => ensureStreams(bus, allStreams));
  afterEach(async () => {
    await Promise.all(stops.map((stop) => stop()));
    stops = [];
    const manager = await bus.jetstreamManager();
    for (const { name } of allStreams) await manager.streams.delete(name);
  });

  /** Starts a consumer whose "table" is a list of what was committed. */
  function start(
    change: Partial<ConsumerDefinition<BusEvent>> = {},
    connection = bus,
    logger = quietLogger(),
  ): { stored: BusEvent[]; stop: () => Promise<void> } {
    const stored: BusEvent[] = [];
    const abort = new AbortController();
    const { finished } = startConsumer<BusEvent>(
      {
        stream: EVENTS_STREAM,
        durable: DURABLE,
        parse: (body) => parseMessage(busEvent, body),
        handle: async (events) => void stored.push(...events),
        isPassing: (error) => error instanceof DatabaseAway,
        ...change,
      },
      {
        bus: connection,
        logger,
        signal: abort.signal,
        figures: new ConsumerFigures({ stream: EVENTS_STREAM.name, consumer: DURABLE }),
      },
    );
    const stop = async (): Promise<void> => {
      abort.abort();
      await finished;
    };
    stops.push(stop);
    return { stored, stop };
  }

  async function publishMany(count: number): Promise<string[]> {
    const events = Array.from({ length: count }, () => buildEvent());
    for (const event of events) await publishEvent(bus, event);
    return events.map(({ id }) => id);
  }

  const readState = async () => (await bus.jetstreamManager()).consumers.info(EVENTS_STREAM.name, DURABLE);

  it('makes dead letters of messages that it cannot read, and handles the rest', async () => {
    const { stored } = start();
    const ids = await publishMany(2);
    await bus.jetstream.publish('events.agent_online.x', 'not json');
    await bus.jetstream.publish('events.agent_online.x', JSON.stringify({ ...buildEvent(), kind: 'agent.sleepy' }));
    ids.push(...(await publishMany(2)));

    await expect.poll(() => stored.map(({ id }) => id), BOUND).toEqual(ids);
    await expect.poll(() => readDeadLetters(bus), BOUND).toHaveLength(2);
    expect(await readDeadLetters(bus)).toEqual([
      {
        stream: 'EVENTS',
        consumer: DURABLE,
        sequence: 3,
        subject: 'events.agent_online.x',
        deliveries: 1,
        reason: expect.stringMatching(/^is not JSON/),
        at: expect.any(String),
        body: Buffer.from('not json').toString('base64'),
      },
      expect.objectContaining({ sequence: 4, reason: expect.stringMatching(/^kind /) }),
    ]);
    await expect.poll(async () => (await readState()).num_ack_pending, BOUND).toBe(0);
  });

  it('delivers what failed again, alone, and gives it up in the end', async () => {
    const poison = buildEvent();
    let attempts = 0;
    const stored: string[] = [];
    start({
      maxDeliveries: 2,
      handle: async (events) => {
        if (events.some(({ id }) => id === poison.id)) {
          attempts += 1;
          throw new Error('the table refuses it');
        }
        stored.push(...events.map(({ id }) => id));
      },
    });
    const ids = await publishMany(3);
    await publishEvent(bus, poison);
    ids.push(...(await publishMany(3)));

    await expect.poll(() => stored.toSorted(), BOUND).toEqual(ids.toSorted());
    await expect.poll(() => readDeadLetters(bus), BOUND).toHaveLength(1);
    expect(await readDeadLetters(bus)).toMatchObject([
      { sequence: 4, deliveries: 2, reason: 'failed 2 times: the table refuses it' },
    ]);
    expect(attempts).toBeGreaterThanOrEqual(2);
    expect(stored).toHaveLength(6);
  });

  it('uses no deliveries up while the database is away', async () => {
    let isAway = true;
    let attempts = 0;
    const stored: string[] = [];
    start({
      maxDeliveries: 1,
      ackWaitMs: 1000,
      handle: async (events) => {
        attempts += 1;
        if (isAway) throw new DatabaseAway();
        stored.push(...events.map(({ id }) => id));
      },
    });
    const ids = await publishMany(5);
    await expect.poll(() => attempts, BOUND).toBeGreaterThanOrEqual(4);
    isAway = false;
    await expect.poll(() => stored, BOUND).toEqual(ids);
    await expect.poll(async () => (await readState()).num_ack_pending, BOUND).toBe(0);
    expect((await readState()).num_redelivered).toBe(0);
    expect(await readDeadLetters(bus)).toEqual([]);
  });

  it('makes a dead letter of a message that was never answered', async () => {
    const bounds = { maxDeliveries: 1, ackWaitMs: 500 };
    const { stop } = start(bounds);
    await expect
      .poll(
        () =>
          readState().then(
            () => true,
            () => false,
          ),
        BOUND,
      )
      .toBe(true);
    await stop();
    // A process takes the message and dies of it.
    const [id] = await publishMany(1);
    const consumer = await bus.jetstream.consumers.get(EVENTS_STREAM.name, DURABLE);
    expect(await consumer.next()).not.toBeNull();

    start(bounds);
    await expect.poll(() => readDeadLetters(bus), BOUND).toHaveLength(1);
    const [letter] = await readDeadLetters(bus);
    expect(letter).toMatchObject({ sequence: 1, reason: 'was delivered 1 times and never answered' });
    expect(busEvent.parse(JSON.parse(Buffer.from(letter?.body ?? '', 'base64').toString())).id).toBe(id);
  });

  it('does not wait for messages that it has no room for', async () => {
    const ids = await publishMany(3);
    const { stored } = start({ maxInFlight: 3, maxBatchSize: 100, maxBatchAgeMs: 3_600_000 });
    await expect.poll(() => stored.map(({ id }) => id), BOUND).toEqual(ids);
  });

  it('handles a message that is larger than all that it may have in hand, and those behind it', async () => {
    const ids = await publishMany(2);
    const large = buildEvent({ data: { text: 'x'.repeat(100_000) } });
    await publishEvent(bus, large);
    ids.push(large.id, ...(await publishMany(2)));
    const { stored } = start({ maxBytesInFlight: 20_000 });
    await expect.poll(() => stored.map(({ id }) => id), BOUND).toEqual(ids);
  });

  it('shares the work among processes', async () => {
    const other = await connectTestBus(server.current?.url ?? '');
    // A small bound in flight, so that one cannot take everything.
    const both = [start({ maxInFlight: 10 }), start({ maxInFlight: 10 }, other)];
    const ids = await publishMany(300);
    const storedIds = () => both.flatMap(({ stored }) => stored.map(({ id }) => id));
    await expect.poll(() => storedIds().toSorted(), BOUND).toEqual(ids.toSorted());
    expect(both.every(({ stored }) => stored.length > 0)).toBe(true);
    await Promise.all(stops.map((stop) => stop()));
    await other.close();
  });

  it('goes on after each restart of the bus, which is the first failure in a row each time', async () => {
    const lines: string[] = [];
    const logger = createLogger({ name: 'test', destination: { write: (line) => void lines.push(line) } });
    const { stored } = start({}, bus, logger);
    const ids = await publishMany(20);
    await expect.poll(() => stored, BOUND).toHaveLength(20);
    for (let restart = 0; restart < 2; restart += 1) {
      await server.current?.stop();
      await server.current?.start(null);
      await expect.poll(() => bus.isConnected(), BOUND).toBe(true);
      ids.push(...(await publishMany(20)));
      await expect.poll(() => new Set(stored.map(({ id }) => id)), BOUND).toEqual(new Set(ids));
    }
    const attempts = lines.join('').match(/"attempt":\d+(?=,"msg":"cannot read messages")/g) ?? [];
    expect([...new Set(attempts)]).toEqual(['"attempt":1']);
  });

  it('answers what it has in hand when it stops, and asks for no more', async () => {
    const { promise: release, resolve } = Promise.withResolvers<void>();
    let isBusy = false;
    const { stop } = start({
      maxInFlight: 10,
      maxBatchSize: 10,
      handle: async () => {
        isBusy = true;
        await release;
      },
    });
    await publishMany(30);
    await expect.poll(() => isBusy, BOUND).toBe(true);
    const stopped = stop();
    resolve();
    await stopped;
    await bus.nats.flush();
    const state = await readState();
    expect(state.num_ack_pending).toBe(0);
    expect(state.num_pending).toBeGreaterThanOrEqual(20);
    expect(state.num_pending + state.ack_floor.stream_seq).toBe(30);
  });
});
