import type { ScalingPolicy } from '@flotilla/contracts';
import { describe, expect, it } from 'vitest';
import { decideReplicas, type ScalingEvaluation } from './decide-replicas.ts';
import type { NodeSample, ScaledNode } from './scaling-input.ts';
import { recordScale, type ScalingState } from './scaling-state.ts';
import { buildNode, buildPolicy } from './testing/build-scaling.ts';
import { createRandom, type Random } from '@flotilla/contracts/testing';

const BEGINS_AT = Date.parse('2026-03-02T00:00:00Z');
const INTERVAL_MS = 5000;
const NODES = 3;
const ROUNDS = 40;
const seeds = Array.from({ length: 40 }, (_, index) => index + 1);

type Order = 'in order' | 'shuffled';

/** The nodes of one round, in the order in which their samples come in. */
function arrange(order: Order, random: Random): number[] {
  const nodes = Array.from({ length: NODES }, (_, index) => index);
  if (order === 'in order') return nodes;
  const keys = nodes.map(() => random.next());
  return nodes.toSorted((a, b) => (keys[a] ?? 0) - (keys[b] ?? 0));
}

/**
 * Every node tells once a round, each at its own time; each sample is evaluated when it comes in, and what is decided is carried out.
 * @param tell CPU of the replicas of a node in a round, by the number that is asked for
 * @returns of each round the evaluation of the last sample that is heard of
 */
function run(
  policy: ScalingPolicy,
  options: { order: Order; seed: number; isActedOn: boolean; heard: number },
  tell: (round: number, node: number, total: number) => number,
): ScalingEvaluation[] {
  const random = createRandom(options.seed);
  const samples: (NodeSample | null)[] = Array.from({ length: NODES }, () => null);
  const last: ScalingEvaluation[] = [];
  let state: ScalingState | null = null;
  let total = NODES;
  for (let round = 0; round < ROUNDS; round += 1) {
    const shares = Array.from({ length: NODES }, (_, node) => Math.floor((total + NODES - 1 - node) / NODES));
    const told = shares.map((share, node): ScaledNode => {
      const cpu = tell(round, node, total);
      const at = BEGINS_AT + round * INTERVAL_MS + node * 1000;
      return buildNode({ wanted: share, replicas: Array.from({ length: share }, () => cpu) }, total, at);
    });
    for (const [arrived, node] of arrange(options.order, random).entries()) {
      samples[node] = told[node]?.sample ?? null;
      // Its own time, which may be before that of one that came earlier.
      const now = samples[node]?.sampledAt ?? 0;
      const nodes = shares.map((wanted, index) => ({ wanted, sample: samples[index] ?? null }));
      const outcome = decideReplicas({ policy, policyKey: '1', wanted: total, nodes, capacity: null, state }, now);
      state = outcome.state;
      if (arrived < options.heard) last[round] = outcome.evaluation;
      if (!options.isActedOn || outcome.decision?.outcome !== 'scaled') continue;
      state = recordScale(state, { from: total, to: outcome.decision.to, at: now });
      total = outcome.decision.to;
    }
  }
  return last;
}

describe('samples of several nodes that come in out of order', () => {
  const policy = buildPolicy({ targets: [{ kind: 'value', metric: { kind: 'cpu' }, value: 0.5 }] });

  /** What a load that is another one at each node and round asks for. */
  const read = (seed: number, order: Order, heard: number) => {
    const loads = createRandom(seed);
    // Sixty-fourths, whose sums are exact in any order.
    const figures = Array.from({ length: ROUNDS * NODES }, () => loads.between(0, 128) / 64);
    const tell = (round: number, node: number): number => figures[round * NODES + node] ?? 0;
    const evaluations = run(policy, { order, seed, isActedOn: false, heard }, tell);
    return evaluations.map(({ at, ready, targets, wanted }) => ({ at, ready, targets, wanted }));
  };

  it.each(seeds)('ask for the same when all of a round are in (seed %i)', (seed) => {
    const ordered = read(seed, 'in order', NODES);
    expect(read(seed, 'shuffled', NODES)).toEqual(ordered);
    expect(new Set(ordered.map(({ wanted }) => wanted)).size).toBeGreaterThan(3);
  });

  it.each(seeds)('may ask for something else before: the check sees it (seed %i)', (seed) => {
    expect(read(seed, 'shuffled', NODES - 1)).not.toEqual(read(seed, 'in order', NODES));
  });

  it.each(seeds)('bring a load that lasts to its number (seed %i)', (seed) => {
    // What all bear together: five replicas' worth, and twenty from the tenth round on.
    const tell = (round: number, _node: number, total: number): number => ((round < 10 ? 5 : 20) * 0.5) / total;
    const numbers = run(policy, { order: 'shuffled', seed, isActedOn: true, heard: NODES }, tell).map(({ to }) => to);
    // For one round, what a node tells after a change comes together with what another told before: it may ask for one too many.
    expect(Math.max(...numbers.slice(0, 10))).toBeLessThanOrEqual(6);
    expect(Math.min(...numbers.slice(1, 10))).toBeGreaterThanOrEqual(5);
    expect(numbers.slice(20)).toEqual(Array.from({ length: ROUNDS - 20 }, () => 20));
  });
});
