import { describe, expect, it } from 'vitest';
import { seedRandom } from '../testing/seed-random.ts';
import {
  MOST_START_FAILURES,
  planReplicas,
  type KnownReplica,
  type ReplicaAction,
  type ReplicasInput,
} from './plan-replicas.ts';

const NOW = 1_000_000;
const rollout = { maxSurge: 1, maxUnavailable: 0, readyTimeoutMs: 60_000 };

/** `ready:a` is a replica of the specification `a`; the first of a list is the oldest. */
function buildReplicas(words: string): KnownReplica[] {
  return words
    .split(' ')
    .filter((word) => word !== '')
    .map((word, index) => {
      const [phase, specification = ''] = word.split(':') as [KnownReplica['phase'], string?];
      return { name: `${specification}${index + 1}`, specification, phase, since: NOW - 10_000 + index };
    });
}

function plan(words: string, change: Partial<ReplicasInput> = {}, now = NOW) {
  const input = { wanted: 'b', lastGood: 'a', count: 2, rollout, failures: new Map(), ...change };
  return planReplicas({ ...input, replicas: buildReplicas(words) }, now);
}

const format = (actions: readonly ReplicaAction[]): string =>
  actions
    .map((action) => (action.kind === 'create' ? `+${action.specification}` : `${action.kind} ${action.name}`))
    .join(', ');

describe('planReplicas', () => {
  it.each<[string, string, Partial<ReplicasInput>, string]>([
    ['starts the first ones', '', {}, '+b, +b'],
    ['starts what is missing', 'ready:b', {}, '+b'],
    ['waits for those that start', 'ready:b starting:b', {}, ''],
    ['is content', 'ready:b ready:b', {}, ''],
    ['starts none for a count of 0', '', { count: 0 }, ''],
    ['scales up', 'ready:b', { count: 4 }, '+b, +b, +b'],
    ['takes the youngest away', 'ready:b ready:b ready:b', { count: 2 }, 'drain b3'],
    ['takes those that do not serve away first', 'ready:b starting:b ready:b', { count: 2 }, 'drain b2'],
    [
      'takes those without health away before those that start',
      'starting:b unready:b ready:b',
      { count: 2 },
      'drain b2',
    ],
    ['takes all away', 'ready:b starting:b', { count: 0 }, 'drain b2, drain b1'],
    ['leaves those on their way out alone', 'ready:b ready:b draining:b', {}, ''],
    ['replaces one that is on its way out', 'ready:b draining:b', {}, '+b'],
    ['removes the dead, and replaces them', 'ready:b dead:b', {}, 'remove b2, +b'],
    ['removes the dead among too many', 'ready:b ready:b dead:b', {}, 'remove b3'],
    ['removes the dead of an older specification', 'ready:b ready:b dead:a', {}, 'remove a3'],
    ['replaces one that lost its health', 'ready:b unready:b', {}, 'drain b2, +b'],
    ['replaces one after the other of those that lost their health', 'unready:b unready:b', {}, 'drain b1, +b'],
    ['starts one new beside the old', 'ready:a ready:a', {}, '+b'],
    ['lets nothing old go before a new one is ready', 'ready:a ready:a starting:b', {}, ''],
    ['lets one old go for each new one', 'ready:a ready:a ready:b', {}, 'drain a1, +b'],
    ['lets the last old one go', 'ready:a ready:b ready:b', {}, 'drain a1'],
    ['ends with the new ones only', 'draining:a ready:b ready:b', {}, ''],
    ['lets old ones go that do not serve', 'starting:a ready:a', {}, 'drain a1, +b, +b'],
    [
      'starts several new at once with a larger surge',
      'ready:a ready:a',
      { rollout: { ...rollout, maxSurge: 2 } },
      '+b, +b',
    ],
    [
      'lets one old go first without a surge',
      'ready:a ready:a',
      { rollout: { ...rollout, maxSurge: 0, maxUnavailable: 1 } },
      'drain a1, +b',
    ],
    [
      'keeps to the surge while one is on its way',
      'ready:a starting:b',
      { rollout: { ...rollout, maxSurge: 0, maxUnavailable: 1 } },
      '',
    ],
    [
      'replaces everything at once when all may be away',
      'ready:a ready:a',
      { rollout: { ...rollout, maxUnavailable: 2 } },
      'drain a1, drain a2, +b, +b',
    ],
    ['rolls out and scales up', 'ready:a', { count: 3 }, '+b, +b, +b'],
    ['rolls out and scales down', 'ready:a ready:a ready:a', { count: 1 }, 'drain a1, drain a2, +b'],
    ['rolls out what stands still', 'dead:a dead:a', {}, 'remove a1, remove a2, +b, +b'],
  ])('%s: %s', (_, words, change, actions) => {
    expect(format(plan(words, change).actions)).toBe(actions);
  });

  it('gives a replica its time to become ready, and no more', () => {
    const waiting = plan('ready:b starting:b');
    expect(waiting).toMatchObject({ actions: [], wakeAt: NOW - 9999 + rollout.readyTimeoutMs });
    const late = plan('ready:b starting:b', {}, waiting.wakeAt ?? 0);
    expect(late.actions).toEqual([
      { kind: 'remove', name: 'b2' },
      { kind: 'create', specification: 'b' },
    ]);
  });

  it.each([
    [1, 1000],
    [2, 2000],
    [5, 16_000],
    [9, 256_000],
    [10, 300_000],
    [60, 300_000],
  ])('waits after %i failures for %i ms', (count, waitMs) => {
    const failures = new Map([['b', { count, lastAt: NOW }]]);
    const change = { failures, lastGood: null };
    expect(plan('ready:b', change, NOW + waitMs - 1)).toMatchObject({ actions: [], wakeAt: NOW + waitMs });
    expect(format(plan('ready:b', change, NOW + waitMs).actions)).toBe('+b');
  });

  it('waits longer for one that fails again, however long the wait before it is over', () => {
    const failures = new Map([['b', { count: 2, lastAt: NOW - 600_000 }]]);
    const change = { failures, lastGood: null };
    expect(plan('ready:b dead:b', change)).toMatchObject({
      actions: [{ kind: 'remove', name: 'b2' }],
      wakeAt: NOW + 4000,
    });
    // The controls: one that failed before nobody counted, and one of other settings.
    expect(format(plan('ready:b dead:b').actions)).toBe('remove b2, +b');
    expect(format(plan('ready:b dead:a', change).actions)).toBe('remove a2, +b');
  });

  it('goes back in the plan in which the last try fails, and makes no further one', () => {
    const failures = new Map([['b', { count: MOST_START_FAILURES - 1, lastAt: NOW - 600_000 }]]);
    expect(plan('ready:a ready:a dead:b', { failures })).toMatchObject({
      actions: [{ kind: 'remove', name: 'b3' }],
      target: 'a',
      rollout: 'rolled_back',
    });
  });

  it('does not take away what has lost its health before it may start another', () => {
    const failures = new Map([['b', { count: 1, lastAt: NOW }]]);
    expect(plan('ready:b unready:b', { failures })).toMatchObject({ actions: [], wakeAt: NOW + 1000 });
    expect(format(plan('ready:b unready:b', { failures }, NOW + 1000).actions)).toBe('drain b2, +b');
  });

  it('counts a replica that lost its health as a failure, and one that is too many not', () => {
    expect(plan('ready:b unready:b').actions[0]).toEqual({ kind: 'drain', name: 'b2', isFailure: true });
    expect(plan('ready:b ready:b unready:b').actions).toEqual([{ kind: 'drain', name: 'b3', isFailure: false }]);
    expect(plan('ready:b ready:b unready:a').actions).toEqual([{ kind: 'drain', name: 'a3', isFailure: false }]);
  });

  it('goes back to the last good specification when the new one does not start', () => {
    const failures = new Map([['b', { count: MOST_START_FAILURES, lastAt: NOW }]]);
    expect(plan('ready:a ready:a starting:b', { failures })).toMatchObject({
      actions: [{ kind: 'drain', name: 'b3' }],
      target: 'a',
      rollout: 'rolled_back',
    });
    expect(format(plan('ready:a', { failures }).actions)).toBe('+a');
    expect(plan('ready:a ready:a', { failures })).toMatchObject({ actions: [], rollout: 'rolled_back', wakeAt: null });
  });

  it('goes on trying when there is nothing to go back to', () => {
    const failures = new Map([['b', { count: MOST_START_FAILURES, lastAt: NOW - 600_000 }]]);
    expect(plan('', { failures, lastGood: null })).toMatchObject({ target: 'b', rollout: 'progressing' });
    expect(format(plan('', { failures, lastGood: null }).actions)).toBe('+b, +b');
  });

  it('says when all is done', () => {
    expect(plan('ready:b ready:b').rollout).toBe('settled');
    for (const words of [
      '',
      'ready:b',
      'ready:b starting:b',
      'ready:b ready:b draining:a',
      'ready:a ready:b ready:b',
    ]) {
      expect(plan(words).rollout).toBe('progressing');
    }
  });

  it('keeps its bounds and comes to an end, wherever it begins and whatever fails on the way', () => {
    const random = seedRandom(20_261_123);
    const phases: KnownReplica['phase'][] = ['starting', 'ready', 'unready', 'dead', 'draining'];
    const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item;
    for (let attempt = 0; attempt < 2000; attempt += 1) {
      const count = pick([0, 1, 2, 5]);
      const surge = pick([0, 1, 3]);
      const settings = { ...rollout, maxSurge: surge, maxUnavailable: surge === 0 ? 1 : pick([0, 1]) };
      let names = 0;
      let replicas: KnownReplica[] = Array.from({ length: pick([0, 1, 3, 6]) }, () => ({
        name: `n${(names += 1)}`,
        specification: pick(['a', 'b']),
        phase: pick(phases),
        since: NOW,
      }));
      let steps = 0;
      for (; steps < 100; steps += 1) {
        const input = { wanted: 'b', lastGood: 'a', count, rollout: settings, replicas, failures: new Map() };
        const { actions, rollout: state } = planReplicas(input, NOW);
        if (state === 'settled') break;
        const readyBefore = replicas.filter(({ phase }) => phase === 'ready').length;
        for (const action of actions) {
          if (action.kind === 'create') {
            replicas = [
              ...replicas,
              { name: `n${(names += 1)}`, specification: action.specification, phase: 'starting', since: NOW },
            ];
          } else if (action.kind === 'remove') {
            replicas = replicas.filter(({ name }) => name !== action.name);
          } else {
            replicas = replicas.map((one) => (one.name === action.name ? { ...one, phase: 'draining' } : one));
          }
        }
        const alive = replicas.filter(({ phase }) => phase !== 'draining');
        const ready = alive.filter(({ phase }) => phase === 'ready').length;
        expect(actions.some(({ kind }) => kind === 'create') ? alive.length : 0).toBeLessThanOrEqual(count + surge);
        expect(ready).toBeGreaterThanOrEqual(Math.min(readyBefore, count - settings.maxUnavailable));
        // Some of what is under way comes to an end, one way or another.
        replicas = replicas.flatMap((one) => {
          if (one.phase === 'draining' && random() < 0.5) return [];
          if (one.phase !== 'starting' || random() < 0.5) return [one];
          return [{ ...one, phase: random() < 0.8 ? 'ready' : 'dead' } satisfies KnownReplica];
        });
      }
      expect(steps, JSON.stringify({ count, settings, replicas })).toBeLessThan(100);
    }
  });
});
