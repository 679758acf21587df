import type { ScalingPolicy } from '@flotilla/contracts';
import { describe, expect, it } from 'vitest';
import { decideReplicas, type ScalingOutcome } from './decide-replicas.ts';
import type { ScaledNode, ScalingInput } from './scaling-input.ts';
import { recordScale, type ScalingState } from './scaling-state.ts';
import { buildNode, buildPolicy } from './testing/build-scaling.ts';
import { createRandom, type Random } from '@flotilla/contracts/testing';
import { randomLoad, randomPolicy } from './testing/random-scaling.ts';

const SEEDS = Array.from({ length: 150 }, (_, index) => index + 1);
const BEGINS_AT = Date.parse('2026-03-02T00:00:00Z');
/** A power of two is exact however often it is added; the last comes near the largest number there is. */
const WEIGHTS = [0, 0.125, 0.5, 1, 1, 2, 16, 1e9, 2 ** 1020] as const;

interface Round {
  readonly input: ScalingInput;
  readonly now: number;
  readonly outcome: ScalingOutcome;
}

/** A service under a load that swings by orders of magnitude, from a number within its bounds. */
function simulate(random: Random, rounds = 60): { policy: ScalingPolicy; history: readonly Round[] } {
  const policy = randomPolicy(random);
  let current = random.between(policy.minReplicas, policy.maxReplicas);
  let state: ScalingState | null = null;
  let now = BEGINS_AT;
  const history: Round[] = [];
  for (let round = 0; round < rounds; round += 1) {
    now += random.pick(0, 1, 5000, 5000, 5000, 20_000);
    const nodes = randomLoad(random, current)(random.pick(...WEIGHTS), now);
    const capacity = random.next() < 0.1 ? random.between(0, 40) : null;
    const input: ScalingInput = { policy, policyKey: '1', wanted: current, nodes, capacity, state };
    const outcome = decideReplicas(input, now);
    history.push({ input, now, outcome });
    state = outcome.state;
    if (outcome.decision?.outcome !== 'scaled') continue;
    state = recordScale(state, { from: current, to: outcome.decision.to, at: now });
    current = outcome.decision.to;
  }
  return { policy, history };
}

describe('decideReplicas, whatever the load', () => {
  it.each(SEEDS)('never goes over max nor under min (seed %i)', (seed) => {
    const { policy, history } = simulate(createRandom(seed));
    const numbers = history.map(({ outcome }) => outcome.evaluation.to);
    expect(Math.max(...numbers)).toBeLessThanOrEqual(policy.maxReplicas);
    expect(Math.min(...numbers)).toBeGreaterThanOrEqual(policy.minReplicas);
  });

  it.each(SEEDS)('never goes further than a step (seed %i)', (seed) => {
    const { policy, history } = simulate(createRandom(seed));
    for (const { input, now, outcome } of history) {
      const { to } = outcome.evaluation;
      const { highest, lowest } = findReach(policy, history, input.wanted, now);
      expect(to).toBeLessThanOrEqual(Math.max(highest, input.wanted));
      expect(to).toBeGreaterThanOrEqual(Math.min(lowest, input.wanted));
    }
  });

  it.each(SEEDS)('tells each rule that took hold, one after the other (seed %i)', (seed) => {
    for (const { input, outcome } of simulate(createRandom(seed)).history) {
      const { limits, wanted, to } = outcome.evaluation;
      const [first] = limits;
      const last = limits.at(-1);
      expect(last?.to ?? wanted ?? input.wanted).toBe(to);
      expect(limits.slice(1).map(({ from }) => from)).toEqual(limits.slice(0, -1).map((limit) => limit.to));
      expect(limits.every((limit) => limit.from !== limit.to)).toBe(true);
      expect(first === undefined || limits.length <= 30).toBe(true);
    }
  });

  it.each(SEEDS)('asks for no fewer when the load is heavier (seed %i)', (seed) => {
    const random = createRandom(seed);
    const { history } = simulate(random, 20);
    const last = history.at(-1);
    const state = last?.outcome.state ?? null;
    const policy = last?.input.policy ?? randomPolicy(random);
    const current = random.between(policy.minReplicas, policy.maxReplicas);
    const shape = randomLoad(random, current);
    const now = BEGINS_AT + 10_000_000;
    const numbers = [0.03125, 0.25, 0.5, 0.75, 0.9375, 1, 1.0625, 1.25, 2, 8, 1e6, 2 ** 1020].map((weight) => {
      const nodes = shape(weight, now);
      return decideReplicas({ policy, policyKey: '1', wanted: current, nodes, capacity: null, state }, now).evaluation;
    });
    const sorted = (values: number[]): number[] => values.toSorted((a, b) => a - b);
    expect(numbers.map(({ to }) => to)).toEqual(sorted(numbers.map(({ to }) => to)));
  });

  it.each(SEEDS)('does not care for the order of the nodes, and changes nothing that it is given (seed %i)', (seed) => {
    const { history } = simulate(createRandom(seed), 20);
    for (const { input, now, outcome } of history) {
      const again = decideReplicas({ ...freeze(input), nodes: input.nodes.toReversed() }, now);
      expect(again).toEqual(outcome);
    }
  });
});

/** How far steps let the number go, by what it was when their periods began. */
function findReach(policy: ScalingPolicy, history: readonly Round[], current: number, now: number) {
  const reach = (direction: 'scaleUp' | 'scaleDown'): number => {
    const { steps, select } = policy[direction];
    const sign = direction === 'scaleUp' ? 1 : -1;
    if (steps.length === 0) return sign * Number.POSITIVE_INFINITY;
    const limits = steps.map(({ by, unit, periodMs }) => {
      const start = findNumberAt(history, now - periodMs) ?? current;
      // In hundredths, which doubles hold exactly.
      const size = unit === 'replicas' ? by : Math.ceil((start * by) / 100);
      return sign * start + size;
    });
    return sign * (select === 'most' ? Math.max(...limits) : Math.min(...limits));
  };
  return { highest: reach('scaleUp'), lowest: reach('scaleDown') };
}

/** What was asked for at a time, changes of that very moment included. */
function findNumberAt(history: readonly Round[], at: number): number | undefined {
  const before = history.findLast(({ now }) => now <= at);
  return before === undefined ? history[0]?.input.wanted : before.outcome.evaluation.to;
}

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(freeze);
  }
  return value;
}

describe('decideReplicas with a load that wavers within its tolerance', () => {
  const policy = buildPolicy({
    targets: [{ kind: 'value', metric: { kind: 'cpu' }, value: 0.5 }],
    maxReplicas: 20,
    scaleUp: { steps: [] },
    scaleDown: { stabilizationMs: 0, steps: [] },
  });

  /** How often the number changes in ten minutes. */
  function countChanges(seed: number, noise: number): number {
    const random = createRandom(seed);
    let state: ScalingState | null = null;
    let changes = 0;
    for (let round = 0; round < 120; round += 1) {
      const now = BEGINS_AT + round * 5000;
      const cpu = 0.5 * (1 + noise * (2 * random.next() - 1));
      const nodes: ScaledNode[] = [buildNode({ replicas: Array.from({ length: 10 }, () => cpu) }, 10, now)];
      const outcome: ScalingOutcome = decideReplicas(
        { policy, policyKey: '1', wanted: 10, nodes, capacity: null, state },
        now,
      );
      state = outcome.state;
      if (outcome.decision !== null) changes += 1;
    }
    return changes;
  }

  it.each([1, 2, 3, 4, 5])('changes nothing (seed %i)', (seed) => {
    expect(countChanges(seed, 0.1)).toBe(0);
  });

  it('would with more noise: the check sees it', () => {
    expect(countChanges(1, 0.3)).toBeGreaterThan(30);
  });
});

describe('the state of decideReplicas', () => {
  it('stays small, however long it goes on', () => {
    const { history } = simulate(createRandom(7), 3000);
    const sizes = history.map(({ outcome: { state } }) => [
      state.lowest.length,
      state.highest.length,
      state.changes.length,
      state.holds.length,
    ]);
    expect(Math.max(...sizes.flat())).toBeLessThanOrEqual(256);
  });

  it('counts more changes than it keeps together, none of them lost', () => {
    const now = BEGINS_AT;
    const input = { policy: randomPolicy(createRandom(1)), policyKey: '1', wanted: 1, nodes: [], capacity: null };
    let { state } = decideReplicas({ ...input, state: null }, now);
    for (let index = 0; index < 1000; index += 1) state = recordScale(state, { from: 1, to: 3, at: now + index });
    for (let index = 0; index < 1000; index += 1)
      state = recordScale(state, { from: 3, to: 2, at: now + 1000 + index });
    expect(state.changes.length).toBeLessThanOrEqual(256);
    expect(state.changes.reduce((sum, { by }) => sum + by, 0)).toBe(1000);
    expect(state.changes.at(-1)).toEqual({ at: now + 1999, by: -1 });
  });

  it('begins the span of a threshold anew with another version of the policy', () => {
    const policy = buildPolicy({
      targets: [
        {
          kind: 'threshold',
          metric: { kind: 'cpu' },
          comparison: 'above',
          value: 0.5,
          forMs: 10_000,
          change: { by: 1, unit: 'replicas' },
        },
      ],
    });
    const decide = (second: number, policyKey: string, state: ScalingState | null): ScalingOutcome => {
      const now = BEGINS_AT + second * 1000;
      const nodes = [buildNode({ replicas: [0.9] }, 1, now)];
      return decideReplicas({ policy, policyKey, wanted: 1, nodes, capacity: null, state }, now);
    };
    const first = decide(0, 'a', null);
    const second = decide(5, 'a', first.state);
    expect(decide(10, 'a', second.state).evaluation.to).toBe(2);
    expect(decide(10, 'b', second.state).evaluation.to).toBe(1);
  });

  it('takes up the schedules of another version of the policy at once', () => {
    const schedule = {
      name: 'Always',
      cron: '0 0 * * *',
      timeZone: 'UTC',
      durationMs: 86_400_000,
      minReplicas: 5,
      maxReplicas: 5,
    };
    const draft = { targets: [{ kind: 'value' as const, metric: { kind: 'cpu' as const }, value: 0.5 }] };
    const nodes = [buildNode({ replicas: [0.5] }, 1, BEGINS_AT)];
    const input = { wanted: 1, nodes, capacity: null };
    const first = decideReplicas({ ...input, policy: buildPolicy(draft), policyKey: 'a', state: null }, BEGINS_AT);
    const policy = buildPolicy({ ...draft, schedules: [schedule] });
    const second = decideReplicas({ ...input, policy, policyKey: 'b', state: first.state }, BEGINS_AT);
    expect([first, second].map(({ evaluation }) => evaluation.to)).toEqual([1, 5]);
  });

  it('does not go back in time for a sample that comes late', () => {
    const policy = buildPolicy({ targets: [{ kind: 'value', metric: { kind: 'cpu' }, value: 0.5 }] });
    const nodes = [buildNode({ replicas: [0.5] }, 1, BEGINS_AT)];
    const input = { policy, policyKey: '1', wanted: 1, nodes, capacity: null };
    const { state } = decideReplicas({ ...input, state: null }, BEGINS_AT);
    expect(decideReplicas({ ...input, state }, BEGINS_AT - 3000).evaluation.at).toBe(BEGINS_AT);
  });
});
