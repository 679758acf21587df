import { scalingPolicy, type ScalingMetric, type ScalingPolicy, type ScalingPolicyDraft } from '@flotilla/contracts';
import type { NodeDraft, ReplicaDraft } from '../cases/scaling-case.ts';
import type { ScaledNode } from '../scaling-input.ts';
import { buildNode } from './build-scaling.ts';
import type { Random } from '@flotilla/contracts/testing';

type Target = ScalingPolicyDraft['targets'][number];

/** Sums of multiples of it are exact in any order. */
const FRACTION = 1 / 64;

/** A policy with anything that one can have, but schedules and what is not carried out. */
export function randomPolicy(random: Random): ScalingPolicy {
  const maxReplicas = random.between(1, 40);
  const targets = Array.from({ length: random.between(1, 3) }, () => randomTarget(random));
  return scalingPolicy.parse({
    minReplicas: random.between(1, maxReplicas),
    maxReplicas,
    targets,
    scaleUp: randomDirection(random),
    scaleDown: randomDirection(random),
  } satisfies ScalingPolicyDraft);
}

function randomTarget(random: Random): Target {
  const metric = random.pick<ScalingMetric>(
    { kind: 'cpu' },
    { kind: 'memory' },
    { kind: 'requests_per_second' },
    { kind: 'in_flight' },
    { kind: 'latency_p95' },
    { kind: 'custom', name: 'queue.length' },
  );
  const value = random.between(1, 200) * FRACTION;
  if (random.next() < 0.7) return { kind: 'value', metric, value };
  return {
    kind: 'threshold',
    metric,
    value,
    comparison: random.pick('above', 'below'),
    forMs: random.pick(0, 10_000, 60_000),
    change: { by: random.between(1, 60), unit: random.pick('replicas', 'percent') },
  };
}

function randomDirection(random: Random): ScalingPolicyDraft['scaleUp'] {
  return {
    stabilizationMs: random.pick(0, 15_000, 60_000, 300_000),
    tolerance: random.pick(0, 0.1, 0.5),
    cooldownMs: random.pick(0, 0, 20_000),
    steps: Array.from({ length: random.between(0, 3) }, () => ({
      by: random.between(1, 120),
      unit: random.pick('replicas', 'percent'),
      periodMs: random.pick(5000, 15_000, 60_000),
    })),
    select: random.pick('most', 'least'),
    isDisabled: random.next() < 0.05,
  };
}

/** A load that can be made heavier: what each node tells is `weight` times what it would at 1. */
export type LoadShape = (weight: number, now: number) => ScaledNode[];

/** Nodes with replicas in every state, some of them silent. */
export function randomLoad(random: Random, total: number): LoadShape {
  const count = random.between(1, 4);
  const drafts = Array.from({ length: count }, (_, index) =>
    randomNode(random, Math.floor(total / count) + (index < total % count ? 1 : 0)),
  );
  return (weight, now) => drafts.map((draft) => buildNode(weigh(draft, weight), total, now));
}

function randomNode(random: Random, wanted: number): NodeDraft {
  const figure = (): number => random.between(0, 400) * FRACTION;
  const each = (count: number): (number | null)[] =>
    Array.from({ length: count }, () => (random.next() < 0.1 ? null : figure()));
  const count = Math.max(0, wanted + random.between(-1, 1));
  const replicas = each(count).map((cpu): ReplicaDraft =>
    random.next() < 0.15 ? random.pick('starting', 'young') : cpu,
  );
  return {
    wanted,
    replicas,
    memory: each(count),
    queue: each(count),
    ...(random.next() < 0.9 ? { requestsPerSecond: figure() + FRACTION, inFlight: figure() } : {}),
    ...(random.next() < 0.8 ? { latencyP95Ms: figure() } : {}),
    ageSeconds: random.pick<number | 'never'>(0, 0, 0, 3, 15, 16, 'never'),
  };
}

function weigh(draft: NodeDraft, weight: number): NodeDraft {
  const scale = (values: NodeDraft['memory'] = []): (number | null)[] =>
    values.map((value) => (value === null ? null : value * weight));
  const { requestsPerSecond, inFlight, latencyP95Ms } = draft;
  return {
    ...draft,
    replicas: draft.replicas.map((replica) => (typeof replica === 'number' ? replica * weight : replica)),
    memory: scale(draft.memory),
    queue: scale(draft.queue),
    ...(requestsPerSecond === undefined ? {} : { requestsPerSecond: requestsPerSecond * weight }),
    ...(inFlight === undefined ? {} : { inFlight: inFlight * weight }),
    ...(latencyP95Ms === undefined ? {} : { latencyP95Ms: latencyP95Ms * weight }),
  };
}
