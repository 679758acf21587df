import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { selectPage, type PageQuery } from './select-page.ts';

const NAMES = ['alpha', 'Beta', '100%', '1000', 'a_b', 'axb', 'back\\slash', "o'brien"];

describe('selectPage', () => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await createTestDatabase();
    await test.session.query('create table things (id int primary key, name text, size int)');
    await test.session.query(
      'insert into things select place, name, case when place > 2 then 7 else 1 end from unnest($1::text[]) with ordinality as t (name, place)',
      [NAMES],
    );
  });
  afterAll(() => test.close());

  const select = async (change: Partial<PageQuery>, size?: number) => {
    const query: PageQuery = { page: 1, pageSize: 50, sort: 'id', order: 'asc', ...change };
    const { items, total } = await selectPage<{ name: string }>(test.session, {
      columns: 'name',
      from: 'things',
      where: [['size = ?', size]],
      searched: ['name'],
      sortable: { id: 'id', size: 'size' },
      query,
    });
    return { names: items.map(({ name }) => name), total };
  };

  it('pages without overlap, also when all sort values are equal, and counts all', async () => {
    const first = await select({ sort: 'size', order: 'desc', pageSize: 5 });
    const second = await select({ sort: 'size', order: 'desc', pageSize: 5, page: 2 });
    expect([...first.names, ...second.names]).toEqual([...NAMES.slice(2), 'alpha', 'Beta']);
    expect([first.total, second.total]).toEqual([8, 8]);
    expect(await select({ page: 3, pageSize: 5 })).toEqual({ names: [], total: 8 });
  });

  it.each([
    ['beta', ['Beta']],
    ['%', ['100%']],
    ['_', ['a_b']],
    ['\\', ['back\\slash']],
    ["o'b", ["o'brien"]],
    ["'; drop table things; --", []],
  ])('searches for %s as it is written, in any case', async (search, names) => {
    expect(await select({ search })).toEqual({ names, total: names.length });
  });

  it('filters by what is given only', async () => {
    expect((await select({}, 7)).total).toBe(6);
    expect((await select({ search: 'a' }, 7)).names).toEqual(['a_b', 'axb', 'back\\slash']);
  });

  it('sorts by known names only', async () => {
    await expect(select({ sort: 'id; drop table things' })).rejects.toThrow('no list is sorted by');
  });
});
