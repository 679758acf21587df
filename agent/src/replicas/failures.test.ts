import { describe, expect, it } from 'vitest';
import { Failures } from './failures.ts';

describe('Failures', () => {
  it('counts those in a row, with the latest reason that was told', () => {
    const failures = new Failures();
    failures.add('a', 1000, 'first');
    failures.add('a', 2000);
    expect(failures.all.get('a')).toEqual({ count: 2, lastAt: 2000, reason: 'first' });
    failures.explain('a', 'second');
    failures.explain('b', 'nobody asked');
    expect([...failures.all]).toEqual([['a', { count: 2, lastAt: 2000, reason: 'second' }]]);
  });

  it('forgets them when a replica has been ready for a minute, and the last failure is as old', () => {
    const failures = new Failures();
    failures.add('a', 0, 'died');
    expect(failures.settle([], 1_000_000)).toBeNull();
    expect(failures.settle([{ specification: 'b', since: 0 }], 1_000_000)).toBeNull();
    expect(failures.settle([{ specification: 'a', since: 5000 }], 64_999)).toBe(65_000);
    expect(failures.all.size).toBe(1);
    failures.add('a', 30_000);
    expect(failures.settle([{ specification: 'a', since: 5000 }], 65_000), 'died again meanwhile').toBe(90_000);
    expect(failures.settle([{ specification: 'a', since: 5000 }], 90_000)).toBeNull();
    expect(failures.all.size).toBe(0);
  });
});
