import type { ListedNetwork, Problem } from '@flotilla/contracts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startTestApi, type TestApi } from '../testing/start-test-api.ts';

let api: TestApi;
let token: string;
beforeAll(async () => {
  api = await startTestApi();
  await api.addUser('ann@example.com', 'operator');
  await api.addUser('vic@example.com', 'viewer');
  token = (await api.signIn('ann@example.com')).token;
});
afterAll(() => api.close());
beforeEach(async () => {
  for (const table of ['bans', 'allowed_networks']) await api.database.query(`delete from ${table}`);
});

type List = 'allowed' | 'blocked';
const importCsv = (list: List, csv: string, as = token) =>
  api.call('POST', `/api/waf/lists/${list}/import`, { token: as, json: { csv } });
const read = async (list: List): Promise<ListedNetwork[]> =>
  ((await api.call('GET', `/api/waf/lists/${list}`, { token })).body as { items: ListedNetwork[] }).items;
const exportCsv = async (list: List): Promise<string> => {
  const headers = { authorization: `Bearer ${token}` };
  return (await fetch(`${api.url}/api/waf/lists/${list}?format=csv`, { headers })).text();
};

describe.each<List>(['allowed', 'blocked'])('the list of networks %s', (list) => {
  it('comes back as it was given, and no cell is a formula', async () => {
    const expires = new Date(Date.now() + 86_400_000).toISOString();
    const csv = `network,expires,comment\r\n198.51.100.0/24,,"one, two"\r\n203.0.113.7/32,${expires},'=HYPERLINK(1)\r\n`;
    expect(await importCsv(list, csv)).toMatchObject({ status: 200, body: { added: 2, lifted: 0 } });
    expect(await read(list)).toMatchObject([
      { network: '198.51.100.0/24', expiresAt: null, comment: 'one, two', createdBy: 'ann@example.com' },
      { network: '203.0.113.7/32', expiresAt: expires, comment: '=HYPERLINK(1)' },
    ]);
    expect(await exportCsv(list)).toBe(csv);
  });

  it('names each line that is wrong, and takes nothing then', async () => {
    const answer = await importCsv(list, '203.0.113.7\nno network\n203.0.113.8,soon');
    expect(answer.status).toBe(400);
    expect((answer.body as Problem).errors).toMatchObject([
      { field: 'csv.2.network', message: expect.stringContaining('line 2, network') },
      { field: 'csv.3.expires', message: expect.stringContaining('line 3, expires') },
    ]);
    expect(await read(list)).toEqual([]);
  });

  it('is an operator’s to change', async () => {
    const viewer = (await api.signIn('vic@example.com')).token;
    expect((await importCsv(list, '203.0.113.7', viewer)).status).toBe(403);
  });
});

describe('importing', () => {
  it('bans nobody who is never banned, and names the line', async () => {
    const answer = await importCsv('blocked', 'network\n203.0.113.7\n\n10.0.0.0/24\n0.0.0.0/1');
    expect((answer.body as Problem).errors?.map(({ field }) => field)).toEqual(['csv.4.network', 'csv.5.network']);
    expect(await read('blocked')).toEqual([]);
  });

  it('lifts the bans of what is allowed', async () => {
    await importCsv('blocked', '203.0.113.7\n203.0.113.8');
    expect((await importCsv('allowed', '203.0.113.0/24')).body).toEqual({ added: 1, lifted: 2 });
    expect(await read('blocked')).toEqual([]);
  });
});
