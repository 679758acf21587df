import { settingsOf, type Problem, type RuleView } from '@flotilla/contracts';
import { shippedRules } from '@flotilla/traffic';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startTestApi, type TestApi } from '../testing/start-test-api.ts';

let api: TestApi;
let token: string;
let viewerToken: string;

beforeAll(async () => {
  api = await startTestApi();
  await api.addUser('ann@example.com', 'operator');
  await api.addUser('vic@example.com', 'viewer');
  token = (await api.signIn('ann@example.com')).token;
  viewerToken = (await api.signIn('vic@example.com')).token;
});
afterAll(() => api.close());
beforeEach(() => api.database.query('delete from waf_rules'));

const call = (method: string, path: string, json?: unknown, as = token) =>
  api.call(method, path, { token: as, ...(json !== undefined && { json }) });
const list = async (): Promise<RuleView[]> => {
  const { status, body } = await call('GET', '/api/waf/rules');
  expect(status).toBe(200);
  return (body as { items: RuleView[] }).items;
};
const own = {
  name: 'Ours',
  match: { of: 'suspicious', classes: ['xss'], userAgentPattern: '^Bad' },
  threshold: { bucket: { capacity: 3, leakPerSecond: 0.1 } },
  action: { kind: 'ban', durationMs: 3_600_000, reach: 'node' },
};

describe('rules', () => {
  it('are the shipped ones, each with a sentence', async () => {
    const rules = await list();
    expect(rules.map(({ rule }) => rule)).toEqual(shippedRules);
    expect(rules.every(({ sentence, updatedAt }) => sentence.endsWith('.') && updatedAt === null)).toBe(true);
  });

  it('can be added, changed and removed', async () => {
    const { status, body } = await call('POST', '/api/waf/rules', own);
    expect(status, JSON.stringify(body)).toBe(201);
    const added = body as RuleView;
    expect(added).toMatchObject({ rule: { origin: 'own', name: 'Ours' }, updatedBy: 'ann@example.com' });
    const path = `/api/waf/rules/${added.rule.id}`;
    expect((await call('PUT', path, { ...own, isDryRun: true })).body).toMatchObject({ rule: { isDryRun: true } });
    expect((await list()).at(-1)?.rule).toMatchObject({ id: added.rule.id, isDryRun: true });
    expect((await call('DELETE', path)).status).toBe(204);
    expect(await list()).toHaveLength(shippedRules.length);
    expect((await call('DELETE', path)).status).toBe(404);
  });

  it('that are shipped can be changed, and made what they were', async () => {
    const [rule] = shippedRules;
    if (rule === undefined) throw new Error('no rule is shipped');
    const { id } = rule;
    const changed = await call('PUT', `/api/waf/rules/${id}`, { ...settingsOf(rule), isEnabled: false });
    expect(changed.body).toMatchObject({ rule: { id, origin: 'shipped', isEnabled: false } });
    expect((await call('DELETE', `/api/waf/rules/${id}`)).status).toBe(204);
    expect((await list())[0]?.rule).toEqual(shippedRules[0]);
  });

  it.each<[string, object, string]>([
    ['a threshold of 0', { threshold: { bucket: { capacity: 0, leakPerSecond: 1 } } }, 'threshold.bucket.capacity'],
    ['a window of a year', { threshold: { distinctPaths: 3, windowMs: 31_536_000_000 } }, 'threshold.windowMs'],
    ['a pattern that does not compile', { match: { ...own.match, userAgentPattern: '(a' } }, 'match.userAgentPattern'],
    ['a pattern that is none of RE2', { match: { ...own.match, userAgentPattern: '(?=a)' } }, 'match.userAgentPattern'],
    ['an unknown class', { match: { of: 'suspicious', classes: ['mood'] } }, 'match.classes.0'],
    ['nothing that is enough', { threshold: {} }, 'threshold'],
  ])('with %s are refused by name', async (_, change, field) => {
    for (const [method, path] of [
      ['POST', '/api/waf/rules'],
      ['PUT', '/api/waf/rules/crawling'],
    ] as const) {
      const { status, body } = await call(method, path, { ...own, ...change });
      expect([status, (body as Problem).errors?.map((one) => one.field)]).toEqual([400, [field]]);
    }
  });

  it('are changed by operators only, and only those that there are', async () => {
    expect((await call('PUT', '/api/waf/rules/no-such-rule', own)).status).toBe(404);
    expect((await call('POST', '/api/waf/rules', own, viewerToken)).status).toBe(403);
    expect((await call('DELETE', '/api/waf/rules/crawling', undefined, viewerToken)).status).toBe(403);
    expect((await call('GET', '/api/waf/rules', undefined, viewerToken)).status).toBe(200);
  });
});
