import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BOUND, ReplicaStand } from './testing/replica-stand.ts';

const LIMIT_BYTES = 16 * 2 ** 20;
/** Doubles what it keeps until there is no more. */
const GROW = 'x=0123456789abcdef; while :; do x=$x$x; done';

let stand: ReplicaStand;
beforeEach(async () => {
  stand = await ReplicaStand.start();
});
afterEach(async () => {
  await stand[Symbol.asyncDispose]();
});

describe.skipIf(process.env['FLOTILLA_TEST_DOCKER'] !== '1')('a replica that needs more memory than it may', () => {
  it('is told of with its limit and what to do, and is made again later each time', async () => {
    stand.want(
      { count: 1 },
      { entrypoint: ['/bin/sh', '-c'], command: [`echo working; ${GROW}`], memoryLimitBytes: LIMIT_BYTES },
    );
    const firstSeen = new Map<string, number>();
    const madeAt = (): number[] => {
      const now = performance.now();
      for (const { replicas } of stand.reports)
        for (const { name } of replicas) if (!firstSeen.has(name)) firstSeen.set(name, now);
      return [...firstSeen.values()];
    };
    await expect.poll(() => madeAt().length, { timeout: 45_000, interval: 50 }).toBe(4);
    expect(stand.last?.problem).toContain(
      'ran out of memory: it needs more than its limit of 16 MiB. Raise the memory limit',
    );
    expect(stand.last?.problem).toContain('working');
    const times = madeAt();
    const waits = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    // The first is replaced at once; what fails again waits 2 s, then 4 s.
    const [, ...repeated] = waits;
    expect(
      repeated.map((wait, index) => wait >= 1900 * 2 ** index),
      repeated.join(' '),
    ).toEqual([true, true]);
    expect(stand.gate.rosters, 'it has never taken requests').toEqual([]);
  });

  it('does not take the place of those before it', async () => {
    stand.want({ count: 2 });
    const before = await stand.untilSettled(2);
    stand.want({ count: 2 }, { entrypoint: ['/bin/sh', '-c'], command: [GROW], memoryLimitBytes: LIMIT_BYTES });
    await expect.poll(() => stand.last?.rollout, BOUND).toBe('rolled_back');
    expect(stand.last?.problem).toContain('limit of 16 MiB');
    await expect.poll(async () => (await stand.listIds()).toSorted(), BOUND).toEqual(before.toSorted());
    expect(stand.gate.ids.toSorted()).toEqual(before.toSorted());
  });
});
