import type { ScalingLimitKind } from '@flotilla/contracts';
import {
  soleNode,
  type NewEvent,
  type NewScalingDecision,
  type Placement,
  type ScaleCommit,
  type ScaledService,
} from '@flotilla/core-db';
import type { ScalingOutcome } from './decide/decide-replicas.ts';

/** The name that tasks carry which no person has made. */
const CREATED_BY = 'autoscaling';

/** What keeps a number from what the load asks for, and is somebody's business. */
const LIMITS_OF_AN_EVENT: ReadonlySet<ScalingLimitKind> = new Set([
  'unreadable_target',
  'maximum',
  'schedule',
  'capacity',
  'disabled_direction',
  'flapping',
] satisfies ScalingLimitKind[]);

export type CommitPlan =
  | { readonly kind: 'scale'; readonly commit: ScaleCommit }
  | {
      readonly kind: 'record';
      readonly decision: NewScalingDecision;
      readonly scaleRevision: number;
      readonly events: readonly NewEvent[];
    };

/**
 * What is to be stored of a decision; null for nothing.
 * @param placement where its replicas go; null when it changes nothing
 */
export function planCommit(
  service: ScaledService,
  decided: NonNullable<ScalingOutcome['decision']>,
  placement: Placement | null,
): CommitPlan | null {
  const { serviceId, name: serviceName, scaleRevision, policyRevision } = service;
  const decision: NewScalingDecision = { ...decided, serviceId, at: new Date(decided.at) };
  if (placement === null) {
    return { kind: 'record', decision, scaleRevision, events: planEvents(service, decision) };
  }
  // The nodes' room was part of the decision; what still has none is decided with the next sample.
  if (placement.placed !== decision.to) return null;
  const nodes = [...placement.counts].map(([agentId, count]) => ({ agentId, count }));
  const commit = { decision, serviceName, scaleRevision, policyRevision, nodes, createdBy: CREATED_BY };
  return { kind: 'scale', commit };
}

function planEvents({ name, nodes }: ScaledService, decision: NewScalingDecision): NewEvent[] {
  const { serviceId, at, from, wanted } = decision;
  const limit = decision.limits.findLast(({ kind }) => LIMITS_OF_AN_EVENT.has(kind));
  if (decision.outcome !== 'held' || limit === undefined) return [];
  const data = { name, limit: limit.kind, replicas: from, wanted };
  return [{ kind: 'service.scaling_limited', at, agentId: soleNode(nodes), serviceId, data }];
}
