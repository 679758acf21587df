import { createHash } from 'node:crypto';
import { consumeJoinToken } from '@flotilla/core-db';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApi, type TestApi, type TestSession } from '../testing/start-test-api.ts';

interface Created {
  readonly id: string;
  readonly token: string;
  readonly commands: { readonly docker: string; readonly bareHost: string };
}

let api: TestApi;
let operator: TestSession;
beforeAll(async () => {
  api = await startTestApi({ publicUrl: 'http://core.example:8080' });
  await api.addUser('operator@example.com', 'operator');
  operator = await api.signIn('operator@example.com');
});
afterAll(() => api.close());

const call = (method: string, path: string, json?: unknown) => api.call(method, path, { token: operator.token, json });
const create = async (json?: unknown) => (await call('POST', '/api/join-tokens', json)).body as Created;
const hash = (token: string) => createHash('sha256').update(token).digest('hex');
const consume = (token: string, now = new Date()) => api.inTransaction((tx) => consumeJoinToken(tx, hash(token), now));

describe('join tokens', () => {
  it('are shown once, with commands that carry them', async () => {
    const answer = await call('POST', '/api/join-tokens', { agentName: 'web 1' });
    expect(answer.status).toBe(201);
    const { token, commands, ...shown } = answer.body as Created;
    expect(token).toMatch(/^flj_[\w-]{43}$/);
    expect(shown).toMatchObject({ agentName: 'web 1', state: 'open', createdBy: operator.email, usedAt: null });
    expect(commands.docker).toContain(`-e FLOTILLA_CORE_URL=http://core.example:8080 -e FLOTILLA_JOIN_TOKEN=${token}`);
    expect(commands.docker).toContain(`FLOTILLA_AGENT_NAME='web 1'`);
    expect(commands.bareHost).toContain('curl -fsSL http://core.example:8080/agent/flotilla-agent.mjs');

    const list = await call('GET', '/api/join-tokens');
    expect(list.body).toMatchObject({ items: [{ id: shown.id, state: 'open' }], total: 1 });
    const rows = await api.database.query('select * from join_tokens');
    const audit = await call('GET', `/api/audit?subjectId=${shown.id}`);
    for (const place of [list.body, rows, audit.body, api.log()]) expect(JSON.stringify(place)).not.toContain(token);
    expect(audit.body).toMatchObject({ items: [{ action: 'join_token.created', after: { agentName: 'web 1' } }] });
  });

  it('need no body', async () => {
    expect((await create()).token).toMatch(/^flj_/);
  });

  it.each(['\u0000', 'a\nb', '\ud800', 'x'.repeat(81)])('refuse the name %j', async (agentName) => {
    const answer = await call('POST', '/api/join-tokens', { agentName });
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ field: 'agentName' }] } });
  });

  it('let in one of many who try at once', async () => {
    const { token } = await create();
    const outcomes = await Promise.all(Array.from({ length: 6 }, () => consume(token)));
    expect(outcomes.map(({ outcome }) => outcome).toSorted()).toEqual([
      'consumed',
      ...Array.from({ length: 5 }, () => 'used'),
    ]);
  });

  it('are open again when the registration is rolled back', async () => {
    const { token } = await create();
    const failing = api.inTransaction(async (tx) => {
      await consumeJoinToken(tx, hash(token), new Date());
      throw new Error('the name is taken');
    });
    await expect(failing).rejects.toThrow('taken');
    expect(await consume(token)).toMatchObject({ outcome: 'consumed' });
  });

  it('expire after ten minutes', async () => {
    const { id, token } = await create();
    expect(await consume(token, new Date(Date.now() + 600_001))).toEqual({ outcome: 'expired' });
    api.advance(600_001);
    const { body } = await call('GET', '/api/join-tokens?pageSize=200');
    const { items } = body as { items: { id: string; state: string }[] };
    expect(items.find((item) => item.id === id)?.state).toBe('expired');
    api.advance(-600_001);
  });

  it('can be withdrawn', async () => {
    const { id, token } = await create();
    expect((await call('DELETE', `/api/join-tokens/${id}`)).status).toBe(204);
    expect(await consume(token)).toEqual({ outcome: 'unknown' });
    expect((await call('DELETE', `/api/join-tokens/${id}`)).status).toBe(404);
  });
});
