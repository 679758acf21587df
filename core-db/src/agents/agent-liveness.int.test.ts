import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { newId } from '../new-id.ts';
import { insertTestAgent } from '../testing/fixtures.ts';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { markLeavingAgentOffline, markSilentAgentsOffline } from './agent-liveness.repository.ts';

const SILENCE_MS = 6000;
const agoMs = (ms: number) => new Date(Date.now() - ms);

describe('liveness of agents', () => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await createTestDatabase({ poolSize: 10 });
  });
  afterAll(() => test.close());
  beforeEach(() => test.session.query('truncate agents, outbox cascade'));

  const statusOf = async (id: string): Promise<unknown> => {
    const rows: { status: string }[] = await test.session.query('select status from agents where id = $1', [id]);
    return rows[0]?.status;
  };
  const readEvents = (): Promise<{ subject: string; payload: unknown }[]> =>
    test.session.query('select subject, payload from outbox order by id');
  const markSilent = () => test.inTransaction((tx) => markSilentAgentsOffline(tx, SILENCE_MS));

  it('takes silent agents offline, each with its event', async () => {
    const lastSeenAt = agoMs(7000);
    const silent = await insertTestAgent(test.session, { name: 'edge-1', status: 'online', lastSeenAt });
    const alive = await insertTestAgent(test.session, { status: 'online', lastSeenAt: agoMs(3000) });
    const longGone = await insertTestAgent(test.session, { status: 'offline', lastSeenAt: agoMs(90_000) });

    expect(await markSilent()).toEqual([{ id: silent, name: 'edge-1', lastSeenAt }]);
    expect(await Promise.all([silent, alive, longGone].map(statusOf))).toEqual(['offline', 'online', 'offline']);
    expect(await readEvents()).toEqual([
      {
        subject: `events.agent_offline.${silent}`,
        payload: {
          id: expect.any(String),
          kind: 'agent.offline',
          at: expect.any(String),
          agentId: silent,
          serviceId: null,
          data: { name: 'edge-1', cause: 'silent', lastSeenAt: lastSeenAt.toISOString() },
        },
      },
    ]);
    expect(await markSilent()).toEqual([]);
  });

  it('makes one event however many look at once', async () => {
    for (let count = 0; count < 20; count += 1) {
      await insertTestAgent(test.session, { status: 'online', lastSeenAt: agoMs(7000) });
    }
    await Promise.all(Array.from({ length: 8 }, markSilent));
    expect(await readEvents()).toHaveLength(20);
  });

  it('would make more without its locks (negative control)', async () => {
    const id = await insertTestAgent(test.session, { status: 'online', lastSeenAt: agoMs(7000) });
    const looks = Array.from({ length: 2 }, () => Promise.withResolvers<void>());
    const lookAndWait = async (index: number) =>
      test.inTransaction(async (tx) => {
        const found: unknown[] = await tx.query(`select id from agents where status = 'online'`);
        looks[index]?.resolve();
        await Promise.all(looks.map(({ promise }) => promise));
        if (found.length === 0) return;
        await tx.query(`update agents set status = 'offline' where id = $1`, [id]);
        await tx.query(`insert into outbox (id, subject, payload) values ($1, 'events.x.y', '{}')`, [newId()]);
      });
    await Promise.all([lookAndWait(0), lookAndWait(1)]);
    expect(await readEvents()).toHaveLength(2);
  });

  it('has no event of a change that was rolled back', async () => {
    const id = await insertTestAgent(test.session, { status: 'online', lastSeenAt: agoMs(7000) });
    const rolledBack = test.inTransaction(async (tx) => {
      await markSilentAgentsOffline(tx, SILENCE_MS);
      throw new Error('no');
    });
    await expect(rolledBack).rejects.toThrow('no');
    expect(await readEvents()).toEqual([]);
    expect(await statusOf(id)).toBe('online');
  });

  it.each([
    ['its session', 'current', 'offline'],
    ['a session that was replaced', 'earlier', 'online'],
  ])('after the goodbye of %s an agent is %s', async (_name, which, status) => {
    const sessionId = newId();
    const id = await insertTestAgent(test.session, { status: 'online', lastSeenAt: new Date(), sessionId });
    const goodbye = { agentId: id, sessionId: which === 'current' ? sessionId : newId() };
    await Promise.all([1, 2, 3].map(() => test.inTransaction((tx) => markLeavingAgentOffline(tx, goodbye))));
    expect(await statusOf(id)).toBe(status);
    expect(await readEvents()).toHaveLength(status === 'offline' ? 1 : 0);
  });
});
