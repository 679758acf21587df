import { randomUUID } from 'node:crypto';
import type { AuditEntry, BansReport, BansUpdate, BanView, HeartbeatResponse, Problem } from '@flotilla/contracts';
import { queryRows } from '@flotilla/core-db';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startTestApi, type TestApi } from '../testing/start-test-api.ts';

const HOUR_MS = 3_600_000;
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
beforeEach(async () => {
  for (const table of ['services', 'bans', 'allowed_networks', 'agents'])
    await api.database.query(`delete from ${table}`);
});

const call = (method: string, path: string, json?: unknown, as = token) =>
  api.call(method, path, { token: as, ...(json !== undefined && { json }) });
async function expectOk<Body>(method: string, path: string, json?: unknown): Promise<Body> {
  const answer = await call(method, path, json);
  expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(300);
  return answer.body as Body;
}
const ban = (targets: string[], more: object = {}) =>
  expectOk<{ banned: number; alreadyBanned: number }>('POST', '/api/waf/bans', { targets, ...more });
const list = async (state = 'active'): Promise<BanView[]> =>
  (await expectOk<{ items: BanView[] }>('GET', `/api/waf/bans?state=${state}&sort=target&order=asc`)).items;
const allow = (networks: string[], more: object = {}) =>
  expectOk<{ lifted: number; items: { id: string }[] }>('POST', '/api/waf/allowed', { networks, ...more });

/** A node that keeps what it is told, as an agent does. */
async function addNode() {
  const name = `node-${randomUUID()}`;
  const apiKey = await api.addAgent(name);
  const [row] = await queryRows<{ id: string }>(api.database, 'select id from agents where name = $1', [name]);
  const bans = new Map<string, string>();
  let revision: number | null = null;
  return {
    id: row?.id ?? '',
    name,
    targets: () => [...bans.values()].toSorted(),
    beat: async (report: Partial<BansReport> = {}): Promise<BansUpdate | undefined> => {
      const said = { revision, enforcedRevision: revision, ...report };
      const answer = await api.call('POST', '/api/heartbeat', {
        token: apiKey,
        json: { agentVersion: '0.1.0', bans: said },
      });
      expect(answer.status, JSON.stringify(answer.body)).toBe(200);
      const update = (answer.body as HeartbeatResponse).bans;
      if (update === undefined) return undefined;
      if (update.isFresh) bans.clear();
      for (const id of update.lifted) bans.delete(id);
      for (const one of update.bans) bans.set(one.id, one.target);
      revision = update.revision;
      return update;
    },
  };
}

describe('a ban of an operator', () => {
  it('reaches every node once, and tells how many enforce it', async () => {
    const nodes = [await addNode(), await addNode()];
    expect(await ban(['203.0.113.7', '2001:db8::/64'], { comment: 'scraper', lastingMs: HOUR_MS })).toEqual({
      banned: 2,
      alreadyBanned: 0,
    });
    for (const node of nodes) {
      await node.beat();
      expect(node.targets()).toEqual(['2001:db8::/64', '203.0.113.7/32']);
    }
    expect(await list()).toMatchObject([
      { target: '203.0.113.7/32', scope: { kind: 'fleet' }, nodes: 2, enforcing: 0, createdBy: 'ann@example.com' },
      { target: '2001:db8::/64', reason: { by: 'operator', comment: 'scraper' } },
    ]);
    expect(await nodes[0]?.beat(), 'nothing new').toBeUndefined();
    expect((await list())[0]).toMatchObject({ nodes: 2, enforcing: 1 });
  });

  it('is for one node, or one service, when it says so', async () => {
    const [here, there] = [await addNode(), await addNode()];
    await ban(['203.0.113.7'], { scope: { kind: 'node', agentId: here.id } });
    await Promise.all([here.beat(), there.beat()]);
    expect([here.targets(), there.targets()]).toEqual([['203.0.113.7/32'], []]);
    expect((await list())[0]).toMatchObject({ scope: { kind: 'node' }, agentName: here.name, nodes: 1 });
  });

  it('is not made twice', async () => {
    await ban(['203.0.113.0/24']);
    expect(await ban(['203.0.113.7', '203.0.113.0/24', '198.51.100.1'])).toEqual({ banned: 1, alreadyBanned: 2 });
  });

  it('ends when it is lifted, at once for nodes', async () => {
    const node = await addNode();
    await ban(['203.0.113.7']);
    await node.beat();
    const [made] = await list();
    const lifted = await expectOk<BanView>('POST', `/api/waf/bans/${made?.id}/lift`);
    expect(lifted).toMatchObject({ state: 'lifted', endedBy: 'ann@example.com' });
    await node.beat();
    expect(node.targets()).toEqual([]);
    expect(await list('over')).toMatchObject([{ target: '203.0.113.7/32', state: 'lifted' }]);
    expect((await call('POST', `/api/waf/bans/${made?.id}/lift`)).status).toBe(404);
  });

  it('lasts as long as it is extended to', async () => {
    const node = await addNode();
    await ban(['203.0.113.7'], { lastingMs: 60_000 });
    await node.beat();
    const [made] = await list();
    const extended = await expectOk<BanView>('POST', `/api/waf/bans/${made?.id}/extend`, { lastingMs: null });
    expect(extended.expiresAt).toBeNull();
    expect((await node.beat())?.bans).toMatchObject([{ id: made?.id, expiresAt: null }]);
  });

  it('that is over by its time is no node’s any more', async () => {
    await ban(['203.0.113.7'], { lastingMs: 10_000 });
    await api.database.query("update bans set expires_at = now() - interval '1 second'");
    expect(await list()).toEqual([]);
    expect(await list('over')).toMatchObject([{ state: 'expired', endedAt: null }]);
    const node = await addNode();
    await node.beat();
    expect(node.targets()).toEqual([]);
  });

  it('is in the audit log, with who and what', async () => {
    await ban(['203.0.113.7'], { comment: 'scraper' });
    const { items } = await expectOk<{ items: AuditEntry[] }>('GET', '/api/audit?action=ban.created');
    expect(items[0]).toMatchObject({
      actor: { name: 'ann@example.com' },
      subject: { name: '203.0.113.7/32' },
      after: { count: 1, comment: 'scraper' },
    });
  });
});

describe('all bans', () => {
  it('can be lifted together', async () => {
    const node = await addNode();
    await ban(['203.0.113.7', '203.0.113.8', '198.51.100.1']);
    await node.beat();
    expect(await expectOk('POST', '/api/waf/bans/lift', { ruleId: null })).toEqual({ lifted: 3 });
    await node.beat();
    expect(node.targets()).toEqual([]);
  });

  it('come in pieces when they are many, and none is left out', async () => {
    const node = await addNode();
    for (let block = 0; block < 6; block += 1) {
      await ban(
        Array.from({ length: 1000 }, (_, index) => `100.${block}.${index >> 8}.${index & 255}`.replace(/^100/, '41')),
      );
    }
    const updates = [await node.beat(), await node.beat(), await node.beat()];
    expect(updates.map((update) => update?.hasMore)).toEqual([true, false, undefined]);
    expect(node.targets()).toHaveLength(6000);
    expect(new Set(node.targets()).size).toBe(6000);
  });

  it('reach a node that was away, or that knows more than a restored Core', async () => {
    const node = await addNode();
    await ban(['203.0.113.7']);
    await node.beat();
    await ban(['203.0.113.8']);
    const [first] = await list();
    await expectOk('POST', `/api/waf/bans/${first?.id}/lift`);
    expect(await node.beat(), 'only what changed').toMatchObject({ isFresh: false, lifted: [first?.id] });
    expect(node.targets()).toEqual(['203.0.113.8/32']);
    expect(await node.beat({ revision: 1_000_000 })).toMatchObject({ isFresh: true });
    expect(node.targets()).toEqual(['203.0.113.8/32']);
  });

  it('that are made at once all reach a node that asks all the time', async () => {
    const node = await addNode();
    let isDone = false;
    const asking = (async () => {
      while (!isDone) await node.beat();
    })();
    await Promise.all(Array.from({ length: 40 }, (_, index) => ban([`203.0.113.${index}`])));
    isDone = true;
    await asking;
    await node.beat();
    expect(node.targets()).toHaveLength(40);
  });
});

describe('a network that is allowed', () => {
  it('is never banned, and lifts the bans that are about it', async () => {
    const node = await addNode();
    await ban(['203.0.113.7', '203.0.113.0/24', '198.51.100.1']);
    await node.beat();
    const { lifted, items } = await allow(['203.0.113.7/32'], { comment: 'our office' });
    expect(lifted).toBe(2);
    expect((await node.beat())?.allowed).toContainEqual({ network: '203.0.113.7/32', expiresAt: null });
    expect(node.targets()).toEqual(['198.51.100.1/32']);
    const refused = await call('POST', '/api/waf/bans', { targets: ['192.0.2.1', '203.0.113.0/24'] });
    expect(refused.status).toBe(400);
    expect((refused.body as Problem).errors).toMatchObject([{ field: 'targets.1' }]);
    expect((await call('DELETE', `/api/waf/allowed/${items[0]?.id}`)).status).toBe(204);
    expect(await ban(['203.0.113.0/24'])).toMatchObject({ banned: 1 });
    expect((await node.beat())?.allowed?.map(({ network }) => network)).not.toContain('203.0.113.7/32');
  });

  it('may be so for a time', async () => {
    await allow(['203.0.113.7'], { lastingMs: 10_000 });
    await api.database.query("update allowed_networks set expires_at = now() - interval '1 second'");
    expect(await ban(['203.0.113.7'])).toMatchObject({ banned: 1 });
  });
});

describe('a ban of a node’s limiter', () => {
  const serviceOf = async (agentId: string): Promise<string> => {
    const domains = [`d${randomUUID()}.example.com`];
    const input = { name: 'shop', domains, agentIds: [agentId], target: { host: '127.0.0.1', port: 80 } };
    return (await expectOk<{ id: string }>('POST', '/api/services', input)).id;
  };
  const limiterBan = (serviceId: string, target: string, lastsMs = HOUR_MS) => ({
    id: randomUUID(),
    target,
    serviceId,
    startedAt: new Date().toISOString(),
    expiresAt: new Date(Date.now() + lastsMs).toISOString(),
    requestsPerSecond: 412.5,
    offence: 1,
  });

  it('is that node’s only, and said twice is one', async () => {
    const [here, there] = [await addNode(), await addNode()];
    const made = limiterBan(await serviceOf(here.id), '203.0.113.7/32', 90 * 24 * HOUR_MS);
    await here.beat({ limiterBans: [made] });
    await here.beat({ limiterBans: [made] });
    await there.beat();
    expect([here.targets(), there.targets()]).toEqual([['203.0.113.7/32'], []]);
    const [shown, ...others] = await list();
    expect(others).toEqual([]);
    expect(shown).toMatchObject({ agentName: here.name, serviceName: 'shop', reason: { requestsPerSecond: 412.5 } });
    expect(Date.parse(shown?.expiresAt ?? ''), 'a week at most').toBeLessThan(Date.now() + 7 * 24 * HOUR_MS + 1000);
  });

  it('of somebody who is allowed, or banned already, is not taken over, and the node is told', async () => {
    const node = await addNode();
    const serviceId = await serviceOf(node.id);
    await ban(['198.51.100.0/24']);
    await allow(['203.0.113.7']);
    await node.beat();
    const made = [limiterBan(serviceId, '203.0.113.7/32'), limiterBan(serviceId, '198.51.100.9/32')];
    const update = await node.beat({ limiterBans: made });
    expect(update?.lifted.toSorted()).toEqual(made.map(({ id }) => id).toSorted());
    expect(node.targets()).toEqual(['198.51.100.0/24']);
  });
});

describe('what makes no sense is refused by name', () => {
  it.each<[string, object, string]>([
    ['no network', { targets: [] }, 'targets'],
    ['a name', { targets: ['example.com'] }, 'targets.0'],
    ['a private network', { targets: ['203.0.113.7', '10.1.2.3'] }, 'targets.1'],
    ['half the world', { targets: ['128.0.0.0/1'] }, 'targets.0'],
    ['no time at all', { targets: ['203.0.113.7'], lastingMs: 0 }, 'lastingMs'],
    ['too many', { targets: Array.from({ length: 1001 }, () => '203.0.113.7') }, 'targets'],
    ['another field', { targets: ['203.0.113.7'], reson: 'x' }, 'reson'],
  ])('%s', async (_, body, field) => {
    const answer = await call('POST', '/api/waf/bans', body);
    expect([answer.status, (answer.body as Problem).errors?.map((one) => one.field)]).toEqual([400, [field]]);
  });

  it('and a viewer changes nothing', async () => {
    const answers = await Promise.all([
      call('POST', '/api/waf/bans', { targets: ['203.0.113.7'] }, viewerToken),
      call('POST', '/api/waf/bans/lift', { ruleId: null }, viewerToken),
      call('POST', '/api/waf/allowed', { networks: ['203.0.113.7'] }, viewerToken),
      call('GET', '/api/waf/bans', undefined, viewerToken),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([403, 403, 403, 200]);
  });
});
