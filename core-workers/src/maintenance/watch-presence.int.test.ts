import { subjects } from '@flotilla/contracts';
import { newId, queryRows } from '@flotilla/core-db';
import { createTestDatabase, insertTestAgent, type TestDatabase } from '@flotilla/core-db/testing';
import type { BusConnection } from '@flotilla/runtime';
import { NatsServer } from '@flotilla/runtime/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectTestBus, quietLogger } from '../testing/test-bus.ts';
import { watchPresence } from './watch-presence.ts';

const BOUND = { timeout: 10_000, interval: 20 };

describe('watchPresence', () => {
  let test: TestDatabase;
  let server: NatsServer;
  let bus: BusConnection;

  beforeAll(async () => {
    test = await createTestDatabase();
    server = await NatsServer.create();
    await server.start();
    bus = await connectTestBus(server.url);
  });
  afterAll(async () => {
    await bus.close();
    await server.destroy();
    await test.close();
  });

  const insert = (sessionId: string) =>
    insertTestAgent(test.session, { status: 'online', lastSeenAt: new Date(), sessionId });
  const readOffline = async (): Promise<string[]> =>
    (await queryRows<{ id: string }>(test.session, `select id from agents where status = 'offline'`)).map(
      ({ id }) => id,
    );
  const readEvents = () =>
    queryRows<{ subject: string; cause: string }>(
      test.session,
      `select subject, payload->'data'->>'cause' as cause from outbox`,
    );

  it('takes an agent offline at its goodbye, by its subject, once with two workers; ignores the rest', async () => {
    const abort = new AbortController();
    const watches = [1, 2].map(() =>
      watchPresence({ database: test.database, bus, logger: quietLogger() }, abort.signal),
    );
    const sessionId = newId();
    const [leaving, staying] = [await insert(sessionId), await insert(sessionId)];
    const send = (subject: string, body: unknown) =>
      bus.nats.publish(subject, typeof body === 'string' ? body : JSON.stringify(body));
    send(subjects.agentPresence(staying), { sessionId, state: 'online' });
    send(subjects.agentPresence(staying), 'no json');
    send(subjects.agentPresence(staying), { sessionId: 'x', state: 'leaving' });
    send(subjects.agentPresence(staying), { sessionId, state: 'leaving', padding: 'x'.repeat(2000) });
    send(subjects.agentPresence(newId()), { sessionId, state: 'leaving' });
    send(subjects.agentPresence('nobody'), { sessionId, state: 'leaving' });
    // What it says of itself does not count; the subject does.
    send(subjects.agentPresence(leaving), { sessionId, state: 'leaving', agentId: staying });

    await expect.poll(readOffline, BOUND).toEqual([leaving]);
    abort.abort();
    await Promise.all(watches.map(({ finished }) => finished));
    expect(await readOffline()).toEqual([leaving]);
    expect(await readEvents()).toEqual([{ subject: `events.agent_offline.${leaving}`, cause: 'left' }]);
  });
});
