import type { TopList } from '@flotilla/contracts';
import { describe, expect, it } from 'vitest';
import { HeavyHitters } from './heavy-hitters.ts';
import { hashBytes } from './hash-bytes.ts';
import { mergeTopLists } from './merge-top-lists.ts';

/** A seeded generator of numbers in [0, 1). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Keys as a site's paths are asked for: few often, most of them seldom. */
function drawKeys(seed: number, amount: number): string[] {
  const random = seeded(seed);
  return Array.from({ length: amount }, () => `/${Math.floor(1 / (random() + 0.0005))}`);
}

function add(hitters: HeavyHitters, key: string): void {
  const bytes = Buffer.from(key);
  const hash = hashBytes(bytes, 0, bytes.length, 7);
  if (hitters.add(hash)) hitters.name(hash, key);
}

function countExactly(keys: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}

function readTop(keys: readonly string[], capacity: number, limit: number): TopList {
  const hitters = new HeavyHitters(capacity);
  for (const key of keys) add(hitters, key);
  return hitters.readTop(limit);
}

/** What the list says that is not so. */
function findUntrue(list: TopList, keys: readonly string[]): string[] {
  const exact = countExactly(keys);
  const untrue = list.entries
    .filter(({ key, count, error }) => (exact.get(key) ?? 0) > count || (exact.get(key) ?? 0) < count - error)
    .map(({ key }) => `count of ${key}`);
  const listed = new Set(list.entries.map(({ key }) => key));
  for (const [key, count] of exact)
    if (!listed.has(key) && count > list.othersAtMost) untrue.push(`${key} is left out`);
  if (list.total !== keys.length) untrue.push('total');
  return untrue;
}

describe('HeavyHitters', () => {
  it.each([1, 2, 3, 4, 5, 6])('keeps its bounds with any capacity (seed %i)', (seed) => {
    const keys = drawKeys(seed, 5000);
    for (const capacity of [1, 2, 20, 100, 3000]) {
      const all = readTop(keys, capacity, capacity);
      expect(findUntrue(all, keys)).toEqual([]);
      expect(Math.max(...all.entries.map(({ error }) => error))).toBeLessThanOrEqual(5000 / capacity);
      expect(findUntrue(readTop(keys, capacity, 20), keys)).toEqual([]);
    }
  });

  it('is exact while all keys have room, and is empty after it was cleared', () => {
    const hitters = new HeavyHitters(3);
    for (const key of ['a', 'b', 'a', 'c', 'a', 'b']) add(hitters, key);
    const [a, b, c] = [
      { key: 'a', count: 3, error: 0 },
      { key: 'b', count: 2, error: 0 },
      { key: 'c', count: 1, error: 0 },
    ];
    expect(hitters.readTop(2)).toEqual({ entries: [a, b], total: 6, othersAtMost: 1 });
    expect(hitters.readTop(3).entries).toEqual([a, b, c]);
    hitters.clear();
    expect(hitters.readTop(3)).toEqual({ entries: [], total: 0, othersAtMost: 0 });
    add(hitters, 'd');
    expect(hitters.readTop(3)).toEqual({ entries: [{ key: 'd', count: 1, error: 0 }], total: 1, othersAtMost: 0 });
  });

  it('finds a wrong count (control of the check)', () => {
    const keys = drawKeys(1, 500);
    const list = readTop(keys, 20, 20);
    expect(findUntrue({ ...list, entries: list.entries.slice(1), othersAtMost: 0 }, keys)).not.toEqual([]);
    expect(findUntrue({ ...list, entries: list.entries.map((e) => ({ ...e, count: 0, error: 0 })) }, keys)).not.toEqual(
      [],
    );
  });
});

describe('mergeTopLists', () => {
  it.each([11, 12, 13, 14])('keeps the bounds of many lists (seed %i)', (seed) => {
    const parts = Array.from({ length: 12 }, (_, part) => drawKeys(seed * 100 + part, 1 + part * 150));
    const merged = parts.map((keys) => readTop(keys, 100, 20)).reduce((a, b) => mergeTopLists(a, b, 20));
    expect(findUntrue(merged, parts.flat())).toEqual([]);
    expect(merged.entries[0]?.key).toBe('/1');
    expect(merged.entries.length).toBe(20);
  });
});
