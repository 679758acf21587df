import { settingsOf, type Problem, type SuspectsMessage } from '@flotilla/contracts';
import { insertEvidence, newId } from '@flotilla/core-db';
import { shippedRules } from '@flotilla/traffic';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startTestApi, type TestApi } from '../testing/start-test-api.ts';
import type { TrialResult } from './try-rule.ts';

const MINUTE_MS = 60_000;
const ATTACKER = '203.0.113.7';
const READER = '198.51.100.9';
const NODES = [newId(), newId()] as const;

let api: TestApi;
let token: string;
beforeAll(async () => {
  api = await startTestApi();
  await api.addUser('ann@example.com', 'operator');
  await api.addUser('vic@example.com', 'viewer');
  token = (await api.signIn('ann@example.com')).token;
});
afterAll(() => api.close());
beforeEach(() => api.database.query('delete from waf_evidence'));

interface Told {
  readonly client: string;
  readonly path: string;
  readonly classes?: SuspectsMessage['suspects'][number]['entries'][number]['classes'];
  readonly ageMs: number;
  readonly node?: (typeof NODES)[number];
  readonly requests?: number;
}

/** So many so far: each has a time of its own. */
let toldSoFar = 0;
/** As a worker stores what nodes have said. */
async function tell(...told: Told[]): Promise<void> {
  const rows = told.map(({ client, path, classes = ['not_found'], ageMs, node = NODES[0], requests = 1 }) => {
    toldSoFar += 1;
    const at = Date.now() - ageMs + toldSoFar;
    const entry = { serviceId: null, classes, method: 'GET', status: 404, path, userAgent: null, count: 1 };
    const suspect = {
      client,
      entries: [{ ...entry, firstAt: at, lastAt: at }],
      others: {},
      samples: [`${client} "GET ${path}" 404`],
      requests,
      pathHashes: [],
      hasFetchedChallenge: false,
      country: null,
    };
    const message: SuspectsMessage = { sampledAt: at, node: null, suspects: [suspect] };
    return { agentId: node, partition: 1, sampledAt: new Date(at), storedAt: new Date(at), message };
  });
  await insertEvidence(api.database, rows);
}
const shipped = shippedRules.find(({ id }) => id === 'sensitive-paths');
if (shipped === undefined) throw new Error('there is no such rule');
/** One that asks for three pages that are not there. */
const strict = {
  ...settingsOf(shipped),
  name: 'Strict',
  match: { of: 'suspicious', classes: ['not_found'] },
  threshold: { distinctPaths: 3, windowMs: 5 * MINUTE_MS },
};
const tryIt = (rule: unknown, hours = 24, as = token) =>
  api.call('POST', '/api/waf/rules/try', { token: as, json: { rule, hours } });
async function expectTrial(rule: unknown, hours = 24): Promise<TrialResult> {
  const answer = await tryIt(rule, hours);
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  return answer.body as TrialResult;
}
const visits = (client: string, ageMs: number, change: Partial<Told> = {}): Told[] =>
  [1, 2, 3].map((page) => ({ client, path: `/missing-${page}`, ageMs, ...change }));

describe('a rule that is tried', () => {
  it('tells whom it would have banned, with evidence, and what it would have cost others', async () => {
    await tell(
      ...visits(ATTACKER, 30 * MINUTE_MS, { classes: ['not_found', 'sensitive_path'] }),
      { client: ATTACKER, path: '/?id=1', classes: ['sql_injection'], ageMs: 20 * MINUTE_MS },
      ...visits(READER, 10 * MINUTE_MS, { requests: 50 }),
      { client: '198.51.100.10', path: '/missing', ageMs: MINUTE_MS, requests: 500 },
    );
    const trial = await expectTrial(strict);
    expect(trial).toMatchObject({ banned: 2, held: 0, spared: 0, messages: 8, isComplete: true });
    expect(trial.hits.map(({ target }) => target)).toEqual([`${READER}/32`, `${ATTACKER}/32`]);
    expect(trial.hits[0]).toMatchObject({
      outcome: 'banned',
      requests: 150,
      ordinaryRequests: 147,
      isOtherwiseInnocent: true,
    });
    expect(trial.hits[1]).toMatchObject({ ordinaryRequests: 0, isOtherwiseInnocent: false });
    expect(trial.hits[1]?.evidence.join()).toContain('/missing-3');
    expect(trial).toMatchObject({ innocentClients: 1, innocentRequests: 147 });
    expect((await expectTrial(settingsOf(shipped))).hits, 'the shipped one bans nobody').toEqual([]);
  });

  it('looks back as far as it is asked to, and bans nobody really', async () => {
    await tell(...visits(ATTACKER, 150 * MINUTE_MS));
    expect((await expectTrial(strict, 1)).messages).toBe(0);
    expect((await expectTrial(strict, 3)).banned).toBe(1);
    const bans = await api.call('GET', '/api/waf/bans', { token });
    expect((bans.body as { total: number }).total).toBe(0);
  });

  it('spares whom it would spare', async () => {
    await tell(...visits('10.0.0.7', MINUTE_MS));
    expect(await expectTrial(strict)).toMatchObject({ banned: 0, spared: 1, hits: [{ outcome: 'spared' }] });
  });

  it('reads any amount in pieces while others are answered', async () => {
    const clients = Array.from({ length: 900 }, (_, index) => `198.18.${index >> 8}.${index & 255}`);
    for (const client of clients) await tell(...visits(client, 5 * MINUTE_MS));
    const trying = expectTrial({ ...strict, isDryRun: true });
    const answer = await api.call('GET', '/api/waf/rules', { token });
    expect(answer.status).toBe(200);
    expect((await tryIt(strict)).status, 'one at a time').toBe(429);
    const trial = await trying;
    expect(trial.messages).toBe(2700);
    expect(trial.banned + trial.hits.filter(({ outcome }) => outcome === 'capped').length).toBeGreaterThan(0);
    expect(trial.hits.length).toBeLessThanOrEqual(500);
  });

  it.each([
    ['rule.threshold.windowMs', { rule: { ...strict, threshold: { distinctPaths: 3, windowMs: 366 * 86_400_000 } } }],
    ['hours', { rule: strict, hours: 0 }],
    ['hours', { rule: strict, hours: 169 }],
    ['match.userAgentPattern', { rule: { ...strict, match: { of: 'suspicious', userAgentPattern: '(' } } }],
  ])('names %s when it is wrong', async (field, json) => {
    const answer = await api.call('POST', '/api/waf/rules/try', { token, json });
    expect(answer.status).toBe(400);
    expect((answer.body as Problem).errors?.map((problem) => problem.field)).toContain(field);
  });

  it('is not a viewer’s to try', async () => {
    const viewer = (await api.signIn('vic@example.com')).token;
    expect((await tryIt(strict, 1, viewer)).status).toBe(403);
  });
});
