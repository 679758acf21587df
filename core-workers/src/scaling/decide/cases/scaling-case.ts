import type { ScalingLimitKind, ScalingPolicyDraft } from '@flotilla/contracts';

/** Where the rule or the numbers of a case are from. */
export const SOURCES = {
  hpa: 'kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale',
  walkthrough: 'kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale-walkthrough',
  kep853: 'kubernetes/enhancements: KEP-853, configurable scale velocity',
  kep4951: 'kubernetes/enhancements: KEP-4951, configurable tolerance',
  calculator: 'kubernetes/kubernetes: pkg/controller/podautoscaler/replica_calculator_test.go',
  controller: 'kubernetes/kubernetes: pkg/controller/podautoscaler/horizontal.go',
  flotilla: 'Flotilla: docstring of decideReplicas and of the policy in contracts',
} as const;

/** One replica: its CPU ratio; null when it tells none; `starting` takes no requests yet, `young` has just begun to. */
export type ReplicaDraft = number | null | 'starting' | 'young';

/** What a node tells. What is not given is not known. */
export interface NodeDraft {
  /** Replicas that it is asked for; all that are asked for when the case has one node. */
  readonly wanted?: number;
  readonly replicas: readonly ReplicaDraft[];
  /** Like `replicas`, for the other figures that each replica has for itself. */
  readonly memory?: readonly (number | null)[];
  readonly queue?: readonly (number | null)[];
  readonly requestsPerSecond?: number;
  readonly latencyP95Ms?: number;
  readonly inFlight?: number;
  /** It was told so long ago; `never`: nothing was told. */
  readonly ageSeconds?: number | 'never';
}

/** What has to come of it. What is not given is not looked at. */
export interface Expectation {
  /** The number from now on, when it is carried out. */
  readonly to: number;
  /** What is recorded; null for nothing. */
  readonly outcome?: 'scaled' | 'held' | 'dry_run' | null;
  /** What the load alone asks for. */
  readonly wanted?: number | null;
  /** As `kind from→to`, in order. */
  readonly limits?: readonly `${ScalingLimitKind} ${number}→${number}`[];
  readonly decisiveTarget?: number | null;
  readonly missing?: number;
  readonly current?: number | null;
  readonly schedule?: string | null;
}

/** At a time, samples that come in and what is decided on them, or a change by hand. */
export interface CaseStep {
  /** Seconds since the case began. */
  readonly at: number;
  /** The same again every 5 s up to here, each time with the same expectation. */
  readonly until?: number;
  readonly nodes: readonly NodeDraft[];
  readonly capacity?: number;
  readonly expected: Expectation;
}
export interface ManualStep {
  readonly at: number;
  readonly manual: number;
}

export interface ScalingCase {
  readonly name: string;
  readonly source: string;
  /** ISO 8601; any time when it does not matter. */
  readonly begins?: string;
  readonly policy: Omit<ScalingPolicyDraft, 'maxReplicas'> & { readonly maxReplicas?: number };
  /** Replicas that are asked for when it begins. */
  readonly replicas: number;
  readonly steps: readonly (CaseStep | ManualStep)[];
}

/** A policy's target of CPU, as a ratio. */
export function cpuTarget(value: number) {
  return { kind: 'value', metric: { kind: 'cpu' }, value } as const;
}

/** A direction without steps, window and cooldown: what the load asks for comes at once. */
export const AT_ONCE: NonNullable<ScalingPolicyDraft['scaleUp']> = { stabilizationMs: 0, steps: [] };

/** So many replicas that bear the same. */
export function each(count: number, cpu: ReplicaDraft): ReplicaDraft[] {
  return Array.from({ length: count }, () => cpu);
}
