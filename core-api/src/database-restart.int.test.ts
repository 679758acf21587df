import { PostgresServer } from '@flotilla/core-db/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApi, type TestApi, type TestSession } from './testing/start-test-api.ts';

const CLIENTS = 8;
/** Bound for the API to serve again once PostgreSQL does. */
const RECOVERY_BOUND_MS = 5000;

let server: PostgresServer;
let api: TestApi;
let admin: TestSession;
beforeAll(async () => {
  server = await PostgresServer.start();
  api = await startTestApi({ serverUrl: server.url });
  await api.addUser('admin@example.com', 'admin');
  admin = await api.signIn('admin@example.com');
});
afterAll(async () => {
  await api.close();
  await server.destroy();
});

interface Outcome {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly startedAt: number;
  readonly tokenId: string | null;
}

/** One write, and when it began. */
async function createToken(): Promise<Outcome> {
  const startedAt = performance.now();
  const answer = await api.call('POST', '/api/join-tokens', { token: admin.token, json: {} });
  return {
    status: answer.status,
    retryAfter: answer.headers.get('retry-after'),
    startedAt,
    tokenId: answer.status === 201 ? (answer.body as { id: string }).id : null,
  };
}

describe('PostgreSQL restarted under load', () => {
  it('makes requests wait or answers 503; afterwards all succeed and nothing saved is lost', async () => {
    const outcomes: Outcome[] = [];
    let isLoadOn = true;
    const load = Promise.all(
      Array.from({ length: CLIENTS }, async () => {
        while (isLoadOn) outcomes.push(await createToken());
      }),
    );
    const waitFor = async (isReached: () => boolean | Promise<boolean>) => {
      const deadline = performance.now() + RECOVERY_BOUND_MS;
      while (!(await isReached())) {
        if (performance.now() > deadline) throw new Error('not reached within the bound');
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    };
    await waitFor(() => outcomes.length > 50);
    await server.stop();
    await waitFor(() => outcomes.some(({ status }) => status === 503));
    expect((await api.call('GET', '/api/health/live')).status).toBe(200);
    expect(await api.call('GET', '/api/health/ready')).toMatchObject({
      status: 503,
      body: { status: 'failing', checks: [{ name: 'database', ok: false }] },
    });
    await server.restart();
    await waitFor(async () => (await api.call('GET', '/api/health/ready')).status === 200);
    const recoveredAt = performance.now();
    const before = outcomes.length;
    await waitFor(() => outcomes.length > before + 100);
    isLoadOn = false;
    await load;

    expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set([201, 503]));
    expect(outcomes.filter(({ status, retryAfter }) => status === 503 && retryAfter === null)).toEqual([]);
    const later = outcomes.filter(({ startedAt }) => startedAt > recoveredAt);
    expect(later.length).toBeGreaterThan(50);
    expect(later.filter(({ status }) => status !== 201)).toEqual([]);

    const saved = outcomes.flatMap(({ tokenId }) => tokenId ?? []);
    const rows: { id: string }[] = await api.database.query('select id from join_tokens');
    const stored = new Set(rows.map(({ id }) => id));
    expect(saved.filter((id) => !stored.has(id))).toEqual([]);
  });
});
