import type { readWafActivity, SuspectsMessage, SuspicionClass } from '@flotilla/contracts';
import { insertEvidence } from '@flotilla/core-db';
import { insertTestAgent } from '@flotilla/core-db/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { startTestApi, type TestApi } from '../testing/start-test-api.ts';

type Answer = z.infer<typeof readWafActivity.response>;

const MINUTE_MS = 60_000;
const MARKUP = '/<img src=x onerror=alert(1)>';

describe('suspicious clients', () => {
  let api: TestApi;
  let token: string;
  let nodes: string[];
  let told = 0;

  beforeAll(async () => {
    api = await startTestApi();
    await api.addUser('ann@example.com', 'operator');
    token = (await api.signIn('ann@example.com')).token;
    nodes = [
      await insertTestAgent(api.database, { name: 'north' }),
      await insertTestAgent(api.database, { name: 'south' }),
    ];
  });
  afterAll(() => api.close());
  beforeEach(() => api.database.query('delete from waf_evidence'));

  const tell = async (
    client: string,
    {
      path = '/.env',
      classes = ['not_found'] as SuspicionClass[],
      count = 1,
      ageMs = MINUTE_MS,
      node = 0,
      country = null as string | null,
    } = {},
  ): Promise<void> => {
    told += 1;
    const at = Date.now() - ageMs + told;
    const entry = { serviceId: null, classes, method: 'GET', status: 404, path, userAgent: null, count };
    const message: SuspectsMessage = {
      sampledAt: at,
      node: null,
      suspects: [
        {
          client,
          entries: [{ ...entry, firstAt: at, lastAt: at }],
          others: {},
          samples: [`${client} "GET ${path}"`],
          requests: count,
          pathHashes: [],
          hasFetchedChallenge: false,
          country,
        },
      ],
    };
    const agentId = nodes[node] ?? '';
    await insertEvidence(api.database, [
      { agentId, partition: 1, sampledAt: new Date(at), storedAt: new Date(at), message },
    ]);
  };
  const read = async (range = '1h'): Promise<Answer> => {
    const { status, body } = await api.call('GET', `/api/waf/activity?range=${range}`, { token });
    expect(status).toBe(200);
    return body as Answer;
  };

  it('are told by how much they did, wherever', async () => {
    await tell('203.0.113.7', { count: 3, classes: ['not_found', 'sensitive_path'] });
    await tell('203.0.113.7', { count: 4, node: 1, path: '/x' });
    await tell('2001:db8::/64', { count: 5 });
    const { offenders } = await read();
    expect(offenders.map(({ client, requests }) => [client, requests])).toEqual([
      ['203.0.113.7', 7],
      ['2001:db8::/64', 5],
    ]);
    expect(offenders[0]).toMatchObject({
      classes: { not_found: 7, sensitive_path: 3 },
      nodes: ['north', 'south'],
      services: [],
      samples: ['203.0.113.7 "GET /x"'],
      isBanned: false,
    });
  });

  it('are told the newest first, with what they asked for as text', async () => {
    await tell('203.0.113.7', { ageMs: 3 * MINUTE_MS });
    await tell('203.0.113.8', { path: MARKUP });
    const { recent } = await read();
    expect(recent).toMatchObject([
      { client: '203.0.113.8', path: MARKUP, nodeName: 'north', serviceName: null, status: 404, count: 1 },
      { client: '203.0.113.7', path: '/.env' },
    ]);
  });

  it('are told by country, where a node knows it', async () => {
    await tell('203.0.113.7', { count: 3, country: 'NL' });
    await tell('203.0.113.7', { count: 4, country: 'NL', node: 1 });
    await tell('203.0.113.8', { country: 'NL' });
    await tell('198.51.100.1', { count: 2, country: 'BR' });
    await tell('192.0.2.1', { count: 100 });
    const { countries, offenders } = await read();
    expect(countries).toEqual([
      { country: 'NL', clients: 2, requests: 8 },
      { country: 'BR', clients: 1, requests: 2 },
    ]);
    expect(Object.fromEntries(offenders.map(({ client, country }) => [client, country]))).toEqual({
      '203.0.113.7': 'NL',
      '203.0.113.8': 'NL',
      '198.51.100.1': 'BR',
      '192.0.2.1': null,
    });
  });

  it('are told of the time that was asked for', async () => {
    await tell('203.0.113.7', { ageMs: 30 * MINUTE_MS });
    expect((await read('15m')).offenders).toEqual([]);
    expect((await read('1h')).offenders.length).toBe(1);
  });

  it('are shown as banned when a ban in force has them in it', async () => {
    await tell('203.0.113.7');
    await tell('198.51.100.1');
    await tell('2001:db8::/64');
    const targets = ['203.0.113.0/24', '2001:db8::/64'];
    expect((await api.call('POST', '/api/waf/bans', { token, json: { targets } })).status).toBe(201);
    const { offenders } = await read();
    expect(Object.fromEntries(offenders.map(({ client, isBanned }) => [client, isBanned]))).toEqual({
      '203.0.113.7': true,
      '198.51.100.1': false,
      '2001:db8::/64': true,
    });
  });

  it('are nobody’s who has not signed in, and of no other range', async () => {
    expect((await api.call('GET', '/api/waf/activity')).status).toBe(401);
    expect((await api.call('GET', '/api/waf/activity?range=1y', { token })).status).toBe(400);
  });
});
