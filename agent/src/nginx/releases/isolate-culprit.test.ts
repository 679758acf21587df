import { describe, expect, it } from 'vitest';
import { isolateCulprit } from './isolate-culprit.ts';

const all = Array.from({ length: 100 }, (_, index) => index);

describe('isolateCulprit', () => {
  it.each([0, 1, 49, 50, 99])('finds item %i of 100 in a few tries', async (bad) => {
    let tries = 0;
    const found = await isolateCulprit(all, all, async (items) => {
      tries += 1;
      return items.includes(bad);
    });
    expect(found).toEqual([bad]);
    expect(tries).toBeLessThanOrEqual(8);
  });

  it('finds one of two that do not go together', async () => {
    const found = await isolateCulprit(all, all, async (items) => items.includes(3) && items.includes(80));
    expect([3, 80]).toContain(found[0]);
  });

  it('suspects nobody when the rest fails by itself', async () => {
    expect(await isolateCulprit(all, [1, 2], async () => true)).toEqual([]);
    expect(await isolateCulprit(all, [], async () => true)).toEqual([]);
  });
});
