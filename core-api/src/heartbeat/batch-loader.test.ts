import { describe, expect, it } from 'vitest';
import { BatchLoader } from './batch-loader.ts';

/** Counts the queries, and answers each id with itself in capitals; `x` has no value. */
function buildLoader(maxBatch = 100) {
  const batches: string[][] = [];
  const loader = new BatchLoader<string>(async (ids) => {
    batches.push([...ids]);
    await Promise.resolve();
    if (ids.includes('broken')) throw new Error('the query failed');
    return new Map(ids.filter((id) => id !== 'x').map((id) => [id, id.toUpperCase()]));
  }, maxBatch);
  return { loader, batches };
}

describe('BatchLoader', () => {
  it('asks once for what arrives together, and gives each its own', async () => {
    const { loader, batches } = buildLoader();
    expect(await Promise.all(['a', 'b', 'a', 'x'].map((id) => loader.find(id)))).toEqual(['A', 'B', 'A', undefined]);
    expect(batches).toEqual([['a', 'b', 'x']]);
  });

  it('asks again for what comes later', async () => {
    const { loader, batches } = buildLoader();
    await loader.find('a');
    await loader.find('a');
    expect(batches).toEqual([['a'], ['a']]);
  });

  it('keeps batches within their bound', async () => {
    const { loader, batches } = buildLoader(2);
    await Promise.all(['a', 'b', 'c', 'd', 'e'].map((id) => loader.find(id)));
    expect(batches.map((batch) => batch.length)).toEqual([2, 2, 1]);
  });

  it('tells everybody of a failed batch, and goes on', async () => {
    const { loader } = buildLoader();
    const together = await Promise.allSettled([loader.find('a'), loader.find('broken')]);
    expect(together.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await loader.find('a')).toBe('A');
  });
});
