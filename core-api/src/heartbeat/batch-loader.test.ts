import { describe, expect, it } from 'vitest';
import { BatchLoader, BatchLoaderFull } from './batch-loader.ts';

/** Counts the queries, and answers each id with itself in capitals; `x` has no value. */
function buildLoader(maxBatch = 100, maxWaiting = 1000) {
  const batches: string[][] = [];
  const loader = new BatchLoader<string>(
    async (ids) => {
      batches.push([...ids]);
      await Promise.resolve();
      if (ids.includes('broken')) throw new Error('the query failed');
      return new Map(ids.filter((id) => id !== 'x').map((id) => [id, id.toUpperCase()]));
    },
    { maxBatch, maxWaiting },
  );
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

  it('refuses what is too much, and takes more once it has answered', async () => {
    const { loader } = buildLoader(100, 2);
    const [first, second, third] = await Promise.allSettled(['a', 'a', 'b'].map((id) => loader.find(id)));
    expect([first, second]).toMatchObject([{ value: 'A' }, { value: 'A' }]);
    expect(third).toMatchObject({ status: 'rejected', reason: expect.any(BatchLoaderFull) });
    expect(await loader.find('b')).toBe('B');
  });

  it('has answered everybody once it is drained', async () => {
    const { loader, batches } = buildLoader(2);
    await loader.drain();
    const answered: (string | undefined)[] = [];
    for (const id of ['a', 'b', 'c']) void loader.find(id).then((value) => answered.push(value));
    await loader.drain();
    expect(answered).toEqual(['A', 'B', 'C']);
    expect(batches).toHaveLength(2);
  });
});
