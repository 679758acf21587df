import { randomUUID } from 'node:crypto';
import type { Agent, BusAccess } from '@flotilla/contracts';
import { createUser } from '@nats-io/nkeys';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callApi } from '../testing/api-caller.ts';
import { startCores, type TestCores } from '../testing/start-cores.ts';

let cores: TestCores;
beforeAll(async () => {
  cores = await startCores(2);
});
afterAll(() => cores.close());

interface Registered {
  readonly agentId: string;
  readonly apiKey: string;
  readonly bus: BusAccess | null;
}

const makeToken = async () => {
  const answer = await cores.call('POST', '/api/join-tokens', {});
  return (answer.body as { token: string }).token;
};
const register = (joinToken: string, change: object = {}, core = 0) =>
  callApi(cores.urls[core] ?? '', 'POST', '/api/agents/register', {
    json: { joinToken, name: 'node', version: '1.0.0', ...change },
    // Another address each time, as far as the limit of registrations is concerned.
    headers: { 'x-forwarded-for': `192.0.2.${Math.floor(Math.random() * 250)}` },
  });
const join = async (change: object = {}) => {
  const answer = await register(await makeToken(), change);
  expect(answer.status).toBe(201);
  return answer.body as Registered;
};
const beat = (apiKey: string, core = 0) =>
  callApi(cores.urls[core] ?? '', 'POST', '/api/heartbeat', { token: apiKey, json: { agentVersion: '1.0.0' } });
const renew = (apiKey: string, busPublicKey: string) =>
  callApi(cores.urls[0] ?? '', 'POST', '/api/agent/bus-access', { token: apiKey, json: { busPublicKey } });
const revokedKeys = async () =>
  (await cores.query<{ key: string }>('select public_key as key from revoked_bus_keys')).map(({ key }) => key);

describe('joining', () => {
  it('gives an identity, a key and bus access', async () => {
    const busPublicKey = createUser().getPublicKey();
    const joined = await join({ name: 'fresh', busPublicKey });
    expect(joined).toMatchObject({
      apiKey: expect.stringMatching(/^flk_[0-9a-f]{32}_.{43}$/),
      bus: { urls: ['nats://core.example:4222'], inboxPrefix: `_INBOX.${joined.agentId}`, jwt: expect.any(String) },
    });
    expect((await beat(joined.apiKey, 1)).status).toBe(200);
    const agent = (await cores.call('GET', `/api/agents/${joined.agentId}`)).body as Agent;
    expect(agent).toMatchObject({ name: 'fresh', status: 'online', configuration: { state: 'none' } });
    expect(JSON.stringify(await cores.query('select * from agents'))).not.toContain(joined.apiKey);
  });

  it('works once a token, though two try at once', async () => {
    const token = await makeToken();
    const answers = await Promise.all([0, 1, 0, 1].map((core) => register(token, {}, core)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(3);
    expect(answers.find(({ status }) => status === 401)?.body).toMatchObject({ detail: expect.stringMatching(/used/) });
  });

  it('does not work with an unknown or an expired token', async () => {
    expect(await register('flj_nobody')).toMatchObject({
      status: 401,
      body: { detail: expect.stringMatching(/not known|unknown/) },
    });
    const token = await makeToken();
    await cores.query(`update join_tokens set expires_at = now() - interval '1 second'`);
    expect(await register(token)).toMatchObject({ status: 401, body: { detail: expect.stringMatching(/expired/) } });
  });

  it('gives namesakes names of their own', async () => {
    const ids = [];
    for (let count = 0; count < 3; count += 1) ids.push((await join({ name: 'twin' })).agentId);
    const rows = await cores.query<{ name: string }>('select name from agents where id = any($1) order by name', [ids]);
    expect(rows.map(({ name }) => name)).toEqual(['twin', 'twin-2', 'twin-3']);
  });

  it('with a key that is none uses no token up', async () => {
    const token = await makeToken();
    // Well formed, but its checksum is wrong.
    const wrong = await register(token, { busPublicKey: `U${'A'.repeat(55)}` });
    expect(wrong).toMatchObject({ status: 400, body: { errors: [{ field: 'busPublicKey' }] } });
    expect((await register(token)).status).toBe(201);
  });

  it('is limited by address', async () => {
    const statuses = [];
    for (let count = 0; count < 35; count += 1) {
      const json = { joinToken: 'flj_guess', name: 'x', version: '1.0.0' };
      statuses.push((await callApi(cores.urls[0] ?? '', 'POST', '/api/agents/register', { json })).status);
    }
    expect(new Set(statuses)).toEqual(new Set([401, 429]));
  });
});

describe('a bus key', () => {
  it('is exchanged, and the earlier one revoked', async () => {
    const [first, second] = [createUser().getPublicKey(), createUser().getPublicKey()];
    const { apiKey, agentId } = await join({ busPublicKey: first });
    expect(await renew(apiKey, second)).toMatchObject({ status: 200, body: { inboxPrefix: `_INBOX.${agentId}` } });
    expect(await revokedKeys()).toEqual([first]);
    expect((await renew(apiKey, first)).status, 'a revoked key stays revoked').toBe(400);
  });

  it('of another agent cannot be taken, nor revoked by taking another afterwards', async () => {
    const victimKey = createUser().getPublicKey();
    await join({ busPublicKey: victimKey });
    const attacker = await join();
    expect((await renew(attacker.apiKey, victimKey)).status).toBe(400);
    expect((await renew(attacker.apiKey, createUser().getPublicKey())).status).toBe(200);
    expect((await register(await makeToken(), { busPublicKey: victimKey })).status).toBe(400);
    expect(await revokedKeys()).not.toContain(victimKey);
  });
});

describe('a removed agent', () => {
  it('is told so with its next heartbeat, by every process', async () => {
    const busPublicKey = createUser().getPublicKey();
    const { apiKey, agentId } = await join({ busPublicKey });
    expect((await beat(apiKey)).status).toBe(200);
    expect((await cores.call('DELETE', `/api/agents/${agentId}`)).status).toBe(204);
    for (const core of [0, 1]) {
      const answer = await beat(apiKey, core);
      expect(answer).toMatchObject({ status: 401, body: { detail: expect.any(String) } });
      expect(answer.headers.get('content-type')).toContain('application/problem+json');
    }
    expect((await renew(apiKey, createUser().getPublicKey())).status).toBe(401);
    expect(await revokedKeys()).toContain(busPublicKey);
    expect((await cores.call('DELETE', `/api/agents/${agentId}`)).status).toBe(404);
  });

  it('had no services, or it was not removed', async () => {
    const { agentId } = await join();
    const service = await cores.addService(agentId);
    const refused = await cores.call('DELETE', `/api/agents/${agentId}`);
    expect(refused).toMatchObject({ status: 409, body: { services: [{ id: service.id, name: service.name }] } });
    await cores.call('DELETE', `/api/services/${service.id}`);
    expect((await cores.call('DELETE', `/api/agents/${agentId}`)).status).toBe(204);
  });

  it('and a service that is saved on it at that moment: one of the two is refused', async () => {
    for (let round = 0; round < 10; round += 1) {
      const { agentId } = await join();
      const body = {
        name: 'late',
        domains: ['late.example.com'],
        agentIds: [agentId],
        target: { host: '127.0.0.1', port: 1 },
      };
      const [removed, saved] = await Promise.all([
        cores.call('DELETE', `/api/agents/${agentId}`),
        cores.call('POST', '/api/services', body, { core: 1 }),
      ]);
      expect([`${removed.status} ${saved.status}`]).toEqual([expect.stringMatching(/^(204 400|409 201)$/)]);
    }
  });
});

describe('keys', () => {
  it.each([
    ['none', undefined],
    ['no key', 'nonsense'],
    ['an unknown agent', `flk_${randomUUID().replaceAll('-', '')}_${'a'.repeat(43)}`],
  ])('of %s are refused', async (_, token) => {
    const answer = await callApi(cores.urls[0] ?? '', 'POST', '/api/heartbeat', {
      token,
      json: { agentVersion: '1.0.0' },
    });
    expect(answer.status).toBe(401);
  });

  it('of another agent are refused, also with that agent’s name on them', async () => {
    const [one, other] = [await join(), await join()];
    const forged = one.apiKey.replace(one.agentId.replaceAll('-', ''), other.agentId.replaceAll('-', ''));
    expect((await beat(forged)).status).toBe(401);
    expect((await beat(one.apiKey)).status).toBe(200);
  });

  it('do not make wrong bodies right', async () => {
    const { apiKey } = await join();
    const json = { agentVersion: 'latest', taskResults: [{ taskId: 'x', status: 'running' }], appliedRevision: 'abc' };
    const answer = await callApi(cores.urls[0] ?? '', 'POST', '/api/heartbeat', { token: apiKey, json });
    expect(answer.status).toBe(400);
    const { errors } = answer.body as { errors: { field: string }[] };
    expect(errors.map(({ field }) => field).toSorted()).toEqual([
      'agentVersion',
      'appliedRevision',
      'taskResults.0.taskId',
    ]);
  });
});

describe('two agents under one id', () => {
  const countEvents = async (agentId: string) =>
    (
      await cores.query(`select 1 as event from outbox where subject = $1`, [
        `events.agent_duplicate_session.${agentId}`,
      ])
    ).length;

  it('are noticed once, through whichever processes they come', async () => {
    const { beat: beatAs, id } = await cores.addAgent('cloned');
    const [a, b] = [randomUUID(), randomUUID()];
    for (let round = 0; round < 5; round += 1) {
      await beatAs({ sessionId: a }, 0);
      await beatAs({ sessionId: b }, 1);
    }
    for (let round = 0; round < 6; round += 1) {
      await beatAs({ sessionId: a }, round);
      await beatAs({ sessionId: b }, round);
    }
    expect(await countEvents(id)).toBe(1);
  });

  it('are not seen in one that restarts (control)', async () => {
    const { beat: beatAs, id } = await cores.addAgent('restarted');
    for (let restart = 0; restart < 5; restart += 1) {
      const sessionId = randomUUID();
      for (let count = 0; count < 3; count += 1) await beatAs({ sessionId }, count);
    }
    expect(await countEvents(id)).toBe(0);
  });
});

it('comes online once, with its event, however many heartbeats say so', async () => {
  const { beat: beatAs, id } = await cores.addAgent('waking');
  await Promise.all(Array.from({ length: 10 }, (_, core) => beatAs({}, core)));
  const rows = await cores.query('select 1 as event from outbox where subject = $1', [`events.agent_online.${id}`]);
  expect(rows).toHaveLength(1);
});
