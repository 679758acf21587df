import { scalingPolicy, type ScalingDecision, type ScalingPolicy, type ScalingPolicyDraft } from '@flotilla/contracts';

/** One to ten replicas by CPU, everything else by default. */
export function buildPolicy(change: Partial<ScalingPolicyDraft> = {}): ScalingPolicy {
  return scalingPolicy.parse({
    maxReplicas: 10,
    targets: [{ kind: 'value', metric: { kind: 'cpu' }, value: 0.6 }],
    ...change,
  });
}

/** CPU was too high: two replicas became three. */
export function buildDecision(change: Partial<ScalingDecision> = {}): ScalingDecision {
  return {
    id: '0190b6f0-7c3e-7000-8000-00000000000d',
    serviceId: '0190b6f0-7c3e-7000-8000-000000000009',
    at: '2026-01-01T12:00:00Z',
    outcome: 'scaled',
    from: 2,
    to: 3,
    wanted: 3,
    ready: 2,
    decisiveTarget: 0,
    targets: [{ metric: { kind: 'cpu' }, kind: 'value', target: 0.6, current: 0.85, desired: 3, missing: 0 }],
    limits: [],
    decidedBy: null,
    ...change,
  };
}
