import { SHIPPED_GUARDS, type AuditEntry, type HeartbeatResponse, type Problem } from '@flotilla/contracts';
import { inTransaction, noteCoreNetworks } from '@flotilla/core-db';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startTestApi, type TestApi } from '../testing/start-test-api.ts';

let api: TestApi;
let token: string;
let apiKey: string;
beforeAll(async () => {
  api = await startTestApi();
  await api.addUser('ann@example.com', 'operator');
  await api.addUser('vic@example.com', 'viewer');
  token = (await api.signIn('ann@example.com')).token;
  apiKey = await api.addAgent('web-1');
});
afterAll(() => api.close());
beforeEach(async () => {
  await api.database.query(`update waf_state set guards = '{}'`);
  await api.database.query('delete from bans');
  await api.database.query('delete from core_networks');
  await api.database.query(`update agents set seen_networks = '[]'`);
});

const call = (method: string, path: string, json?: unknown, as = token) =>
  api.call(method, path, { token: as, ...(json !== undefined && { json }) });
/** A heartbeat by way of a proxy that the Core trusts. */
const beat = async (from: string, revision: number | null = null): Promise<HeartbeatResponse> => {
  const json = { agentVersion: '0.1.0', bans: { revision, enforcedRevision: revision } };
  const answer = await api.call('POST', '/api/heartbeat', {
    token: apiKey,
    json,
    headers: { 'x-forwarded-for': from },
  });
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  return answer.body as HeartbeatResponse;
};
const readAutomatic = async () =>
  (await call('GET', '/api/waf/allowed/automatic')).body as {
    items: { network: string; kind: string; name: string }[];
  };

describe('addresses of nodes', () => {
  it('are never banned by hand, and the answer says why', async () => {
    await beat('203.0.113.7');
    for (const target of ['203.0.113.7', '203.0.113.0/24']) {
      const answer = await call('POST', '/api/waf/bans', { targets: ['198.51.100.1', target] });
      expect(answer.status).toBe(400);
      expect((answer.body as Problem).errors).toMatchObject([
        { field: 'targets.1', message: expect.stringContaining('an address of the node web-1') },
      ]);
    }
    expect((await call('POST', '/api/waf/bans', { targets: ['203.0.113.8'] })).status, 'its neighbour').toBe(201);
  });

  it('reach the nodes as allowed, and again when there is a new one', async () => {
    await beat('203.0.113.7');
    const first = (await beat('203.0.113.7')).bans;
    expect(first?.allowed).toEqual([{ network: '203.0.113.7/32', expiresAt: null }]);
    expect((await beat('203.0.113.7', first?.revision ?? 0)).bans, 'nothing new').toBeUndefined();
    await beat('2001:db8:1:2:3::4', first?.revision ?? 0);
    const networks = (await beat('203.0.113.7', first?.revision ?? 0)).bans?.allowed?.map(({ network }) => network);
    expect(networks).toEqual(['203.0.113.7/32', '2001:db8:1:2::/64']);
  });

  it('are listed as never banned by themselves, the newest few, private ones left out', async () => {
    for (const number of [1, 2, 3, 4, 5]) await beat(`203.0.113.${number}`);
    await beat('10.0.0.9');
    const { items } = await readAutomatic();
    expect(items.map(({ network }) => network)).toEqual([2, 3, 4, 5].map((number) => `203.0.113.${number}/32`));
    expect(items[0]).toMatchObject({ kind: 'agent', name: 'web-1' });
  });

  it('of the Core are never banned either', async () => {
    const core = { networks: ['203.0.113.99/32'], process: 'core-1' };
    await inTransaction(api.writerDatabase, (tx) => noteCoreNetworks(tx, core));
    const answer = await call('POST', '/api/waf/bans', { targets: ['203.0.113.99'] });
    expect((answer.body as Problem).errors?.[0]?.message).toContain('an address of the Core itself');
    expect((await readAutomatic()).items).toEqual([{ network: '203.0.113.99/32', kind: 'core', name: 'core-1' }]);
  });
});

describe('limits of the firewall', () => {
  it('are as shipped, then as an operator has set them, and audited', async () => {
    expect((await call('GET', '/api/waf/guards')).body).toEqual(SHIPPED_GUARDS);
    const guards = { ...SHIPPED_GUARDS, maxBansPerMinute: 20, sparesCrawlers: true, crawlerDomains: ['Googlebot.com'] };
    const saved = await call('PUT', '/api/waf/guards', guards);
    expect(saved).toMatchObject({ status: 200, body: { maxBansPerMinute: 20, crawlerDomains: ['googlebot.com'] } });
    expect((await call('GET', '/api/waf/guards')).body).toEqual(saved.body);
    const audit = (await call('GET', '/api/audit?action=guards.saved')).body as { items: AuditEntry[] };
    expect(audit.items[0]).toMatchObject({ before: { maxBansPerMinute: 300 }, after: { maxBansPerMinute: 20 } });
  });

  it.each([
    ['maxBansPerMinute', { maxBansPerMinute: 0 }],
    ['maxOrdinaryShare', { maxOrdinaryShare: 0 }],
    ['maxOrdinaryShare', { maxOrdinaryShare: 2 }],
    ['leastAgentsForFleet', { leastAgentsForFleet: 1 }],
    ['widestRulePrefix', { widestRulePrefix: 16 }],
    ['widestOperatorPrefix.ipv4', { widestOperatorPrefix: { ipv4: 0, ipv6: 32 } }],
    ['crawlerDomains.0', { crawlerDomains: ['com'] }],
    ['crawlerDomains.1', { crawlerDomains: ['google.com', '*.google.com'] }],
  ])('name %s when it is wrong: %j', async (field, change) => {
    const answer = await call('PUT', '/api/waf/guards', change);
    expect(answer.status).toBe(400);
    expect((answer.body as Problem).errors?.map((problem) => problem.field)).toEqual([field]);
  });

  it('are not a viewer’s to change', async () => {
    const viewer = (await api.signIn('vic@example.com')).token;
    expect((await call('GET', '/api/waf/guards', undefined, viewer)).status).toBe(200);
    expect((await call('PUT', '/api/waf/guards', {}, viewer)).status).toBe(403);
  });

  it('hold for networks that operators ban', async () => {
    const ban = (target: string) => call('POST', '/api/waf/bans', { targets: [target] });
    expect((await ban('198.51.0.0/16')).status).toBe(201);
    await call('PUT', '/api/waf/guards', { widestOperatorPrefix: { ipv4: 20, ipv6: 48 } });
    const refused = await ban('203.0.0.0/16');
    expect(refused.status).toBe(400);
    expect((refused.body as Problem).errors?.[0]?.message).toContain('at most /20');
  });
});
