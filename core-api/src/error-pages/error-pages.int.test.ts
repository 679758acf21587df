import { createHash } from 'node:crypto';
import {
  KEPT_ERROR_PAGE_VERSIONS,
  MAX_ERROR_PAGE_BYTES,
  type AuditEntry,
  type DesiredState,
  type ErrorPageSet,
  type ErrorPageSetInput,
  type Problem,
  type Service,
} from '@flotilla/contracts';
import { queryRows } from '@flotilla/core-db';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startTestApi, type TestApi } from '../testing/start-test-api.ts';

let api: TestApi;
let token: string;
let viewer: string;
const keys: Record<string, string> = {};
const ids: Record<string, string> = {};
beforeAll(async () => {
  api = await startTestApi();
  await api.addUser('ann@example.com', 'operator');
  await api.addUser('vic@example.com', 'viewer');
  token = (await api.signIn('ann@example.com')).token;
  viewer = (await api.signIn('vic@example.com')).token;
  for (const name of ['one', 'two']) keys[name] = await api.addAgent(name);
  const agents = await queryRows<{ id: string; name: string }>(api.database, 'select id, name from agents');
  for (const { id, name } of agents) ids[name] = id;
});
afterAll(() => api.close());
beforeEach(async () => {
  await api.database.query('delete from services');
  await api.database.query('delete from tasks');
  await api.database.query('delete from error_page_sets');
  await api.database.query('delete from error_page_contents');
});

const hashOf = (html: string) => createHash('sha256').update(html).digest('hex');
const call = (method: string, path: string, json?: unknown, as = token) =>
  api.call(method, path, { token: as, ...(json !== undefined && { json }) });

async function createSet(name: string, pages: ErrorPageSetInput['pages']): Promise<ErrorPageSet> {
  const answer = await call('POST', '/api/error-pages', { name, pages });
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  return answer.body as ErrorPageSet;
}

async function createService(agentName: string, set: string): Promise<Service> {
  const answer = await call('POST', '/api/services', {
    name: `shop ${agentName}`,
    domains: [`${agentName}.example.com`],
    agentIds: [ids[agentName]],
    target: { host: '127.0.0.1', port: 3000 },
    errorPages: { set },
  });
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  return answer.body as Service;
}

/** What the node is told to serve, by its newest open task. */
async function readHashes(agentName: string): Promise<Record<string, string> | undefined> {
  const [row] = await queryRows<{ payload: DesiredState }>(
    api.database,
    `select payload from tasks where agent_id = $1 and state = 'pending'`,
    [ids[agentName]],
  );
  return row?.payload.sites[0]?.errorPageHashes;
}

const replace = (set: ErrorPageSet, pages: ErrorPageSetInput['pages'], revision = set.revision) =>
  call('PUT', `/api/error-pages/${set.id}`, { name: set.name, pages, revision });

describe('a set of error pages', () => {
  it('is made, shown with its HTML, listed without it, and in the audit log by its hashes', async () => {
    const set = await createSet('Ours', { 404: '<h1>{{status}}</h1>', '5xx': 'я' });
    expect(set).toMatchObject({ revision: 1, isDefault: false, services: 0, updatedBy: 'ann@example.com' });
    expect((await call('GET', `/api/error-pages/${set.id}`, undefined, viewer)).body).toEqual(set);
    expect((await call('GET', '/api/error-pages', undefined, viewer)).body).toMatchObject({
      items: [
        {
          name: 'Ours',
          pages: [
            { key: '404', bytes: 19 },
            { key: '5xx', bytes: 2 },
          ],
        },
      ],
    });
    const { items } = (await call('GET', '/api/audit?action=error_pages.created')).body as { items: AuditEntry[] };
    expect(items[0]).toMatchObject({ subject: { name: 'Ours' }, after: { pages: { '5xx': hashOf('я') } } });
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['an unknown variable', { 404: '{{cookie}}' }, 'pages.404'],
    ['a page that is too large', { 502: 'x'.repeat(MAX_ERROR_PAGE_BYTES + 1) }, 'pages.502'],
    ['no page', {}, 'pages'],
  ])('is refused with %s, and nothing is stored', async (_, pages, field) => {
    const answer = await call('POST', '/api/error-pages', { name: 'Ours', pages });
    expect(answer.status).toBe(400);
    expect((answer.body as Problem).errors).toMatchObject([{ field }]);
    expect(await queryRows(api.database, 'select hash from error_page_contents')).toHaveLength(0);
  });

  it('may be larger than other bodies, which still may not', async () => {
    const pages = Object.fromEntries(
      ['404', '500', '502', '503'].map((key) => [key, `${key}${'"'.repeat(MAX_ERROR_PAGE_BYTES - 3)}`]),
    );
    await createSet('Large', pages);
    expect((await call('POST', '/api/services', { name: 'x'.repeat(2_000_000) })).status, 'the control').toBe(413);
  });

  it('has a name of its own', async () => {
    await createSet('Ours', { 404: 'a' });
    const answer = await call('POST', '/api/error-pages', { name: 'Ours', pages: { 404: 'b' } });
    expect(answer).toMatchObject({ status: 409, body: { detail: expect.stringContaining('Ours') as string } });
  });

  it('is closed to viewers where it changes', async () => {
    expect((await call('POST', '/api/error-pages', { name: 'x', pages: { 404: 'a' } }, viewer)).status).toBe(403);
  });
});

describe('versions', () => {
  it('are kept with who and when, and an old one is restored as a new one', async () => {
    const set = await createSet('Ours', { 404: 'first' });
    expect((await replace(set, { 404: 'second' })).body).toMatchObject({ revision: 2, pages: { 404: 'second' } });
    const restored = await call('POST', `/api/error-pages/${set.id}/restore`, { revision: 1 });
    expect(restored).toMatchObject({ status: 200, body: { revision: 3, pages: { 404: 'first' } } });
    const { items } = (await call('GET', `/api/error-pages/${set.id}/versions`)).body as { items: unknown[] };
    expect(items).toMatchObject([
      { revision: 3, restoredRevision: 1, savedBy: 'ann@example.com', keys: ['404'] },
      { revision: 2, restoredRevision: null },
      { revision: 1 },
    ]);
    const second = await call('GET', `/api/error-pages/${set.id}/versions/2`);
    expect(second.body).toMatchObject({ pages: { 404: 'second' } });
    expect((await call('POST', `/api/error-pages/${set.id}/restore`, { revision: 9 })).status).toBe(404);
  });

  it('refuse an edit that starts from an old one', async () => {
    const set = await createSet('Ours', { 404: 'first' });
    await replace(set, { 404: 'second' });
    const answer = await replace(set, { 404: 'third' }, 1);
    expect(answer).toMatchObject({ status: 409, body: { revision: 2 } });
  });

  it(`are forgotten beyond ${KEPT_ERROR_PAGE_VERSIONS}, and with them what only they had`, async () => {
    const set = await createSet('Ours', { 404: 'the first' });
    for (let revision = 1; revision <= KEPT_ERROR_PAGE_VERSIONS; revision += 1)
      await replace(set, { 404: `number ${revision % 2}` }, revision);
    const { items } = (await call('GET', `/api/error-pages/${set.id}/versions`)).body as { items: unknown[] };
    expect(items).toHaveLength(KEPT_ERROR_PAGE_VERSIONS);
    const contents = await queryRows<{ html: string }>(api.database, 'select html from error_page_contents order by 1');
    expect(contents.map(({ html }) => html)).toEqual(['number 0', 'number 1']);
  });
});

describe('nodes', () => {
  it('hear of the pages of the sets that their services have chosen, and of changes', async () => {
    const own = await createSet('Own', { 404: 'own' });
    const common = await createSet('Common', { 404: 'common' });
    await createService('one', own.id);
    await createService('two', 'default');
    expect(await readHashes('one')).toEqual({ 404: hashOf('own') });
    expect(await readHashes('two')).toEqual({});

    expect((await call('POST', '/api/error-pages/default', { setId: common.id })).status).toBe(204);
    expect(await readHashes('two')).toEqual({ 404: hashOf('common') });
    await replace(common, { '5xx': 'changed' });
    expect(await readHashes('two')).toEqual({ '5xx': hashOf('changed') });
    expect(await readHashes('one'), 'the other set').toEqual({ 404: hashOf('own') });
    await call('POST', '/api/error-pages/default', { setId: null });
    expect(await readHashes('two')).toEqual({});
  });

  it('hear of nothing when a set of others changes', async () => {
    const own = await createSet('Own', { 404: 'own' });
    await createService('one', own.id);
    await createService('two', 'none');
    const listTasks = () => queryRows(api.database, 'select id from tasks where agent_id = $1', [ids['two']]);
    const before = await listTasks();
    await replace(own, { 404: 'changed' });
    await call('POST', '/api/error-pages/default', { setId: own.id });
    expect(await listTasks()).toEqual(before);
    expect(await readHashes('one'), 'the control').toEqual({ 404: hashOf('changed') });
  });

  it('fetch the pages of their own sites by hash, and no others', async () => {
    const set = await createSet('Own', { 404: '<p>{{status}}</p>' });
    const other = await createSet('Other', { 404: 'of the other' });
    await createService('one', set.id);
    await createService('two', other.id);
    const fetch = (hash: string, agentName = 'one') =>
      call('GET', `/api/agent/error-pages/${hash}`, undefined, keys[agentName]);
    expect(await fetch(hashOf('<p>{{status}}</p>'))).toMatchObject({
      status: 200,
      body: { html: '<p>{{status}}</p>' },
    });
    expect((await fetch(hashOf('of the other'))).status, 'of another node').toBe(404);
    expect((await fetch(hashOf('of the other'), 'two')).status, 'the control').toBe(200);
    expect((await fetch(encodeURIComponent('../../etc/passwd'))).status).toBe(400);
    expect((await call('GET', `/api/agent/error-pages/${hashOf('of the other')}`)).status, 'a user').toBe(401);
    await replace(set, { 404: 'new' });
    expect((await fetch(hashOf('<p>{{status}}</p>'))).status, 'of an earlier version').toBe(404);
  });

  it('keep their pages while a service has them, which then cannot be removed', async () => {
    const set = await createSet('Own', { 404: 'own' });
    const { id } = await createService('one', set.id);
    const refused = await call('DELETE', `/api/error-pages/${set.id}`);
    expect(refused).toMatchObject({ status: 409, body: { detail: expect.stringContaining('shop one') as string } });
    await call('DELETE', `/api/services/${id}`);
    expect((await call('DELETE', `/api/error-pages/${set.id}`)).status).toBe(204);
    expect(await queryRows(api.database, 'select hash from error_page_contents')).toHaveLength(0);
  });
});

describe('a service', () => {
  it('cannot choose what is not there', async () => {
    const answer = await call('POST', '/api/services', {
      name: 'shop',
      domains: ['shop.example.com'],
      agentIds: [ids['one']],
      target: { host: '127.0.0.1', port: 3000 },
      errorPages: { set: '0190b6f0-7c3e-7000-8000-00000000ffff' },
    });
    expect(answer.status).toBe(400);
    expect((answer.body as Problem).errors).toMatchObject([{ field: 'errorPages.set' }]);
  });

  it('that is saved while a set changes has its newest pages, whoever comes first', async () => {
    const set = await createSet('Own', { 404: 'v0' });
    const { id, name, domains, agentIds, target, errorPages } = await createService('one', set.id);
    const save = () => call('PUT', `/api/services/${id}`, { name, domains, agentIds, target, errorPages });
    for (let round = 1; round <= 5; round += 1) {
      const [saved, replaced] = await Promise.all([save(), replace(set, { 404: `v${round}` }, round)]);
      expect([saved.status, replaced.status]).toEqual([200, 200]);
      expect(await readHashes('one')).toEqual({ 404: hashOf(`v${round}`) });
    }
  });

  it('that is served without its pages says so on its page, though it is applied', async () => {
    const set = await createSet('Own', { 404: 'own' });
    const { id } = await createService('one', set.id);
    const [task] = await queryRows<{ revision: string }>(api.database, 'select revision from tasks');
    const reason = 'the page for 404 could not be fetched';
    const tell = async (sitesWithoutPages: unknown[]) => {
      const proxyResult = { outcome: 'applied', revision: task?.revision, rejectedSites: [], sitesWithoutPages };
      const json = { agentVersion: '0.1.0', appliedRevision: task?.revision, proxyResult };
      expect(await api.call('POST', '/api/heartbeat', { token: keys['one'], json })).toMatchObject({ status: 200 });
      return ((await call('GET', `/api/services/${id}`)).body as Service).nodes[0]?.configuration;
    };
    await tell([]);
    expect(await tell([{ serviceId: id, reason }])).toMatchObject({ state: 'applied', reason, appliedRevision: 1 });
    expect(await tell([])).toMatchObject({ state: 'applied', reason: null });
  });
});
