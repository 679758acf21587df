import { EVENTS_STREAM } from '@flotilla/contracts';
import { ensureStreams, type BusConnection } from '@flotilla/runtime';
import { NatsServer } from '@flotilla/runtime/testing';
import { AckPolicy } from '@nats-io/jetstream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectTestBus } from '../testing/test-bus.ts';
import type { Delivery } from './delivery.ts';
import { PullRequests } from './pull-requests.ts';

const DURABLE = 'test-pulls';
const BOUND = { timeout: 15_000, interval: 20 };
const KIBIBYTE = 1024;

describe('PullRequests', () => {
  let server: NatsServer;
  let bus: BusConnection;
  let received: { message: Delivery; body: string }[];
  let ends: { readonly isNextTooLarge: boolean }[];
  let failures: string[];
  let requests: PullRequests;

  beforeEach(async () => {
    server = await NatsServer.create();
    await server.start();
    bus = await connectTestBus(server.url);
    await ensureStreams(bus, [EVENTS_STREAM]);
    const manager = await bus.jetstreamManager();
    await manager.consumers.add(EVENTS_STREAM.name, { durable_name: DURABLE, ack_policy: AckPolicy.Explicit });
    received = [];
    ends = [];
    failures = [];
    requests = new PullRequests({
      nats: bus.nats,
      stream: EVENTS_STREAM.name,
      durable: DURABLE,
      onMessage: (message, body) => received.push({ message, body: Buffer.from(body).toString() }),
      onEnd: (end) => ends.push(end),
      onFailure: (error) => failures.push(error.message),
    });
  });
  afterEach(async () => {
    requests.close();
    await bus.close();
    await server.destroy();
  });

  async function publish(count: number, bytes = 10): Promise<void> {
    for (let index = 0; index < count; index += 1) {
      await bus.jetstream.publish('events.test.x', String(index).padEnd(bytes, '.'));
    }
  }
  const readPending = async () => (await (await bus.jetstreamManager()).consumers.info('EVENTS', DURABLE)).num_pending;

  it('brings no more messages than were asked for, in order, with their place and deliveries', async () => {
    await publish(5);
    requests.request(3, 1024 * KIBIBYTE);
    await expect.poll(() => ends, BOUND).toEqual([{ isNextTooLarge: false }]);
    expect(received.map(({ message, body }) => [message.sequence, message.deliveries, body.slice(0, 1)])).toEqual([
      [1, 1, '0'],
      [2, 1, '1'],
      [3, 1, '2'],
    ]);
    expect([requests.isOpen, await readPending()]).toEqual([false, 2]);
  });

  it('brings no more bytes than were asked for, and ends when the next message does not fit', async () => {
    await publish(10, 10 * KIBIBYTE);
    requests.request(10, 35 * KIBIBYTE);
    await expect.poll(() => ends, BOUND).toEqual([{ isNextTooLarge: true }]);
    expect([received.length, requests.isOpen, failures]).toEqual([3, false, []]);
    requests.request(10, 1024 * KIBIBYTE);
    await expect.poll(() => received.length, BOUND).toBe(10);
  });

  it('brings a message of any size when no bytes are named', async () => {
    await publish(1, 200 * KIBIBYTE);
    requests.request(1, 35 * KIBIBYTE);
    await expect.poll(() => ends, BOUND).toEqual([{ isNextTooLarge: true }]);
    requests.request(1, null);
    await expect.poll(() => received.length, BOUND).toBe(1);
  });

  it('stays open until messages come', async () => {
    requests.request(1, 1024 * KIBIBYTE);
    await publish(1);
    await expect.poll(() => ends, BOUND).toEqual([{ isNextTooLarge: false }]);
    expect(received).toHaveLength(1);
  });

  it('ends by itself when nothing comes, and is not taken for lost meanwhile', async () => {
    requests.request(1, 1024 * KIBIBYTE);
    await expect.poll(() => ends, BOUND).toEqual([{ isNextTooLarge: false }]);
    expect(failures).toEqual([]);
  });

  it('fails when the bus forgets the request, as it does when it starts anew', async () => {
    requests.request(1, 1024 * KIBIBYTE);
    await bus.nats.flush();
    await server.stop();
    await server.start();
    await expect.poll(() => failures[0], BOUND).toMatch(/^the bus has not answered for 3000 ms/);
  });

  it('fails when the consumer is deleted', async () => {
    requests.request(1, 1024 * KIBIBYTE);
    await bus.nats.flush();
    await (await bus.jetstreamManager()).consumers.delete(EVENTS_STREAM.name, DURABLE);
    await expect.poll(() => failures[0], BOUND).toMatch(/^the bus refuses to deliver: \d+ consumer deleted/i);
  });

  it('says when the connection is closed for good', async () => {
    await bus.close();
    requests.request(1, 1024 * KIBIBYTE);
    expect(failures).toHaveLength(1);
  });

  it('delivers again what was handed back, says how often, and not what was acknowledged', async () => {
    await publish(2);
    requests.request(2, 1024 * KIBIBYTE);
    await expect.poll(() => received.length, BOUND).toBe(2);
    received[0]?.message.ack();
    received[1]?.message.nak(10);
    requests.request(2, 1024 * KIBIBYTE);
    await expect.poll(() => received.length, BOUND).toBe(3);
    expect([received[2]?.message.sequence, received[2]?.message.deliveries]).toEqual([2, 2]);
    received[2]?.message.term();
    await bus.nats.flush();
    const state = await (await bus.jetstreamManager()).consumers.info(EVENTS_STREAM.name, DURABLE);
    expect([state.num_pending, state.num_ack_pending]).toEqual([0, 0]);
  });
});
