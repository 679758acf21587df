import { describe, expect, it } from 'vitest';
import { Failures } from './failures.ts';

describe('Failures', () => {
  it('counts those in a row, with the latest reason that was told', () => {
    const failures = new Failures();
    failures.add('a', { now: 1000, plan: 1, reason: 'first' });
    failures.add('a', { now: 2000, plan: 2 });
    expect(failures.all.get('a')).toEqual({ count: 2, lastAt: 2000, reason: 'first' });
    failures.explain('a', 'second');
    failures.explain('b', 'nobody asked');
    expect([...failures.all]).toEqual([['a', { count: 2, lastAt: 2000, reason: 'second' }]]);
  });

  it('counts those of one plan once: a host that starts anew loses all replicas together', () => {
    const failures = new Failures();
    failures.add('a', { now: 1000, plan: 1, reason: 'first' });
    failures.add('a', { now: 1001, plan: 1, reason: 'second' });
    failures.add('b', { now: 1001, plan: 1 });
    expect(failures.all.get('a')).toEqual({ count: 1, lastAt: 1000, reason: 'second' });
    expect(failures.all.get('b')?.count).toBe(1);
  });

  it('forgets them when a replica has been ready for a minute, and the last failure is as old', () => {
    const failures = new Failures();
    failures.add('a', { now: 0, plan: 1, reason: 'died' });
    expect(failures.settle([], 1_000_000)).toBeNull();
    expect(failures.settle([{ specification: 'b', since: 0 }], 1_000_000)).toBeNull();
    expect(failures.settle([{ specification: 'a', since: 5000 }], 64_999)).toBe(65_000);
    expect(failures.all.size).toBe(1);
    failures.add('a', { now: 30_000, plan: 2 });
    expect(failures.settle([{ specification: 'a', since: 5000 }], 65_000), 'died again meanwhile').toBe(90_000);
    expect(failures.settle([{ specification: 'a', since: 5000 }], 90_000)).toBeNull();
    expect(failures.all.size).toBe(0);
  });
});
