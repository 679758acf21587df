import { randomUUID } from 'node:crypto';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { METRICS_STREAM, subjects } from '@flotilla/contracts';
import { connectBus, createLogger, ensureStreams, type BusConnection } from '@flotilla/runtime';
import { NatsServer } from '@flotilla/runtime/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createBusKeyPair } from '../bus-credentials.ts';
import { AgentBus } from '../../testing/agent-bus.ts';
import { createMemoryLog } from '../../testing/memory-log.ts';
import { waitUntil } from '../../testing/wait-until.ts';
import type { Spool } from '../spool/spool.ts';
import { buildPayload, numberOf, openSpool } from '../spool/testing/open-spool.ts';
import { Publisher, type PublisherOptions } from './publisher.ts';
import { LossyProxy } from './testing/lossy-proxy.ts';
import { countStream, readStream } from './testing/read-stream.ts';

const agentId = randomUUID();
const subject = subjects.metrics(agentId);
const FAST = { ackTimeoutMs: 300, firstBackoffMs: 50, longestBackoffMs: 200 };

let bus: AgentBus;
let core: BusConnection;
let directory: string;
let log: ReturnType<typeof createMemoryLog>;
let closing: (() => Promise<unknown>)[];

beforeEach(async () => {
  bus = await AgentBus.start();
  core = await bus.connectAsCore();
  await ensureStreams(core, [METRICS_STREAM]);
  directory = await mkdtemp(join(tmpdir(), 'flotilla-spool-'));
  log = createMemoryLog();
  closing = [];
});

afterEach(async () => {
  for (const close of closing.toReversed()) await close();
  await bus.stop();
  await rm(directory, { recursive: true, force: true });
});

function openHere(name = 'spool'): Spool {
  const spool = openSpool(join(directory, name), { logger: log.logger });
  closing.push(() => spool.close());
  return spool;
}

function publish(spool: PublisherOptions['spool'], limits: PublisherOptions['limits'] = FAST): Publisher {
  const publisher = new Publisher({ spool, subject, inboxPrefix: `_INBOX.${agentId}`, logger: log.logger, limits });
  closing.push(() => publisher.close());
  return publisher;
}

/** The agent's own connection, with an agent's rights; the publisher follows its state. */
async function connectAgent(publisher: Publisher, url = bus.server.url): Promise<BusConnection> {
  const { publicKey, seed } = createBusKeyPair();
  const { jwt, inboxPrefix } = await bus.admit(agentId, publicKey);
  let connection: BusConnection | null = null;
  connection = await connectBus({
    servers: [url],
    credentials: { jwt, seed },
    name: 'agent',
    inboxPrefix,
    logger: createLogger({ name: 'test', level: 'fatal' }),
    maxReconnectDelayMs: 100,
    onStateChange: (isConnected) => {
      if (connection !== null) publisher.setConnection(isConnected ? connection.nats : null);
    },
  });
  publisher.setConnection(connection.nats);
  closing.push(() => connection.close());
  return connection;
}

async function fill(spool: Spool, from: number, to: number, bytes = 200): Promise<void> {
  for (let number = from; number <= to; number += 1) await spool.append(number, buildPayload(number, bytes));
}

const upTo = (last: number): number[] => Array.from({ length: last }, (_, index) => index + 1);

const isEmpty = (spool: Spool) => () => spool.stats.waiting?.messages === 0;

async function expectOnceAndInOrder(last: number): Promise<void> {
  const messages = await readStream(core);
  expect(messages.map(numberOf)).toEqual(upTo(last));
  expect(new Set(messages.map(({ messageId }) => messageId)).size).toBe(last);
}

describe('the publisher', () => {
  it('brings everything to the stream, once and in order, and empties the spool', async () => {
    const spool = openHere();
    await fill(spool, 1, 1500);
    const publisher = publish(spool);
    await connectAgent(publisher);
    await waitUntil('an empty spool', isEmpty(spool));
    await expectOnceAndInOrder(1500);
    expect((await readStream(core)).every((message) => message.subject === subject)).toBe(true);
    expect(publisher.stats).toEqual({ sent: 1500, resent: 0, acknowledged: 1500, repeats: 0, discarded: 0 });
  });

  it('sends a new sample at once', async () => {
    const spool = openHere();
    const publisher = publish(spool);
    await connectAgent(publisher);
    for (let number = 1; number <= 5; number += 1) {
      await fill(spool, number, number);
      const startedAt = performance.now();
      publisher.notify();
      await waitUntil('its answer', isEmpty(spool));
      expect(performance.now() - startedAt).toBeLessThan(1000);
    }
    await expectOnceAndInOrder(5);
  });

  it('waits while the bus is away, and then brings everything, once and in order', async () => {
    const spool = openHere();
    const publisher = publish(spool);
    await connectAgent(publisher);
    await fill(spool, 1, 50);
    publisher.notify();
    await waitUntil('the first samples', isEmpty(spool));
    await bus.server.stop();
    for (let number = 51; number <= 400; number += 1) {
      await fill(spool, number, number);
      publisher.notify();
    }
    expect(spool.stats.waiting?.messages).toBe(350);
    const { sent } = publisher.stats;
    expect(sent, 'nothing is sent to nobody').toBeLessThanOrEqual(50 + 256);
    await bus.restart();
    await waitUntil('an empty spool', isEmpty(spool));
    await waitUntil('the Core’s own connection', core.isConnected);
    await expectOnceAndInOrder(400);
  });

  it('loses and repeats nothing when the bus is killed in the middle', async () => {
    const spool = openHere();
    await fill(spool, 1, 6000, 1000);
    const publisher = publish(spool);
    await connectAgent(publisher);
    for (const share of [1000, 3000]) {
      await waitUntil('a part of it', () => publisher.stats.acknowledged >= share);
      await bus.server.stop('SIGKILL');
      expect(spool.stats.waiting?.messages, 'in the middle').toBeGreaterThan(0);
      await bus.restart();
    }
    await waitUntil('an empty spool', isEmpty(spool));
    await waitUntil('the Core’s own connection', core.isConnected);
    expect(publisher.stats.resent).toBeGreaterThan(0);
    await expectOnceAndInOrder(6000);
  });
});

describe('answers that get lost', () => {
  /** Everything is stored, and nothing of it is heard; then the connection breaks. */
  async function loseAnswers(spool: PublisherOptions['spool']): Promise<Publisher> {
    const proxy = await LossyProxy.start(bus.server.place.port);
    closing.push(() => proxy[Symbol.asyncDispose]());
    const publisher = publish(spool);
    await connectAgent(publisher, proxy.url);
    proxy.isDeaf = true;
    publisher.notify();
    await waitUntil('the messages in the stream', async () => (await countStream(core)) >= 100);
    await waitUntil('another try', () => publisher.stats.resent >= 100);
    expect(publisher.stats.acknowledged).toBe(0);
    proxy.isDeaf = false;
    proxy.cut();
    await waitUntil('the answers', () => publisher.stats.acknowledged === 100);
    return publisher;
  }

  it('lead to the same messages again, which the stream takes once', async () => {
    const spool = openHere();
    await fill(spool, 1, 100);
    const { stats } = await loseAnswers(spool);
    expect(stats.repeats).toBe(100);
    expect(spool.stats.waiting).toEqual({ messages: 0, bytes: 0 });
    await expectOnceAndInOrder(100);
  });

  it('would show as repeats if a message had another id each time', async () => {
    // The control.
    const spool = openHere();
    await fill(spool, 1, 100);
    const forgetful: PublisherOptions['spool'] = {
      read: async (room) =>
        (await spool.read(room)).map((message) => ({
          ...message,
          get messageId() {
            return randomUUID();
          },
        })),
      acknowledge: (message) => spool.acknowledge(message),
      discard: (message) => spool.discard(message),
    };
    await loseAnswers(forgetful);
    expect(await countStream(core)).toBeGreaterThan(100);
  });
});

describe('an agent that starts again', () => {
  it('brings what was left', async () => {
    const before = openHere();
    await fill(before, 1, 300);
    await before.close();
    const spool = openHere();
    await connectAgent(publish(spool));
    await waitUntil('an empty spool', isEmpty(spool));
    await expectOnceAndInOrder(300);
  });

  it('sends what it does not know to be there, which the stream takes once', async () => {
    const before = openHere();
    await fill(before, 1, 300);
    // As a crash leaves it: nothing is known of answers.
    await cp(join(directory, 'spool'), join(directory, 'crashed'), { recursive: true });
    const first = publish(before);
    await connectAgent(first);
    await waitUntil('an empty spool', isEmpty(before));
    await first.close();
    const spool = openHere('crashed');
    await fill(spool, 301, 302);
    const second = publish(spool);
    await connectAgent(second);
    await waitUntil('an empty spool', isEmpty(spool));
    expect(second.stats).toMatchObject({ sent: 302, repeats: 300 });
    await expectOnceAndInOrder(302);
  });

  it('does not wait for answers that never come', async () => {
    const spool = openHere();
    await fill(spool, 1, 10);
    const proxy = await LossyProxy.start(bus.server.place.port);
    closing.push(() => proxy[Symbol.asyncDispose]());
    const publisher = publish(spool);
    await connectAgent(publisher, proxy.url);
    await waitUntil('an empty spool', isEmpty(spool));
    proxy.isDeaf = true;
    await fill(spool, 11, 20);
    publisher.notify();
    await waitUntil('them on their way', () => publisher.stats.sent >= 20);
    const startedAt = performance.now();
    await publisher.close();
    expect(performance.now() - startedAt).toBeLessThan(2000);
    expect(spool.stats.waiting?.messages, 'they are kept').toBe(10);
  });
});

describe('a message that the stream refuses', () => {
  it('is given up and counted, and the others pass', async () => {
    await ensureStreams(core, [{ ...METRICS_STREAM, maxMessageBytes: 2000 }]);
    const spool = openHere();
    await fill(spool, 1, 10);
    await fill(spool, 11, 11, 3000);
    await fill(spool, 12, 20);
    const publisher = publish(spool);
    await connectAgent(publisher);
    await waitUntil('an empty spool', isEmpty(spool));
    expect((await readStream(core)).map(numberOf)).toEqual(upTo(20).filter((number) => number !== 11));
    expect(publisher.stats.discarded).toBe(1);
    await waitUntil('the count', () => spool.stats.droppedSamples === 1);
    expect(log.text()).toContain('message size exceeds maximum allowed');
  });

  it('is not even sent when the server would end the connection for it', async () => {
    const server = await NatsServer.create();
    closing.push(() => server.destroy());
    await server.start(server.openConfig('max_payload: 4000'));
    const open = await connectBus({ servers: [server.url], name: 'test', logger: log.logger });
    closing.push(() => open.close());
    await ensureStreams(open, [METRICS_STREAM]);
    const spool = openHere();
    await fill(spool, 1, 5);
    await fill(spool, 6, 6, 5000);
    await fill(spool, 7, 10);
    const publisher = publish(spool);
    publisher.setConnection(open.nats);
    await waitUntil('an empty spool', isEmpty(spool));
    expect((await readStream(open)).map(numberOf)).toEqual(upTo(10).filter((number) => number !== 6));
    expect(publisher.stats).toMatchObject({ sent: 9, discarded: 1, acknowledged: 9 });
  });

  it('for a while is tried again with growing waits, and arrives', async () => {
    const manager = await core.jetstreamManager();
    await manager.streams.delete(METRICS_STREAM.name);
    const spool = openHere();
    await fill(spool, 1, 10);
    const publisher = publish(spool);
    await connectAgent(publisher);
    await waitUntil('several tries', () => publisher.stats.resent >= 30);
    // 10 messages, and 50 to 200 ms between two tries: no busy loop.
    const [before, startedAt] = [publisher.stats.sent, performance.now()];
    await waitUntil('some more', () => publisher.stats.sent >= before + 50);
    expect(performance.now() - startedAt).toBeGreaterThan(300);
    expect(log.text().match(/samples wait for the bus/g), 'said once').toHaveLength(1);
    expect(log.text()).toContain('no stream takes these messages');
    await ensureStreams(core, [METRICS_STREAM]);
    await waitUntil('an empty spool', isEmpty(spool));
    expect(log.text()).toContain('the bus takes samples again');
    expect(spool.stats.droppedSamples).toBe(0);
    await expectOnceAndInOrder(10);
  });
});
