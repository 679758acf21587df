import { z } from 'zod';
import { entityId, instant } from '../values/identifiers.ts';
import { scalingMetric } from './scaling-policy.ts';

const count = z.number().int().min(0);

/** What one target asked for. */
export const targetReading = z.object({
  metric: scalingMetric,
  kind: z.enum(['value', 'threshold']),
  target: z.number(),
  /** As the target measures it; null when it is not known. */
  current: z.number().nullable(),
  /** Replicas that it asks for; null when it asks for none: it could not be read, or its threshold is not breached. */
  desired: count.nullable(),
  /** Ready replicas that told no figure. */
  missing: count,
});
export type TargetReading = z.infer<typeof targetReading>;

/** Why a number became another on its way from the load to what is asked for. */
export const scalingLimitKind = z.enum([
  'tolerance',
  'unready',
  'missing_figures',
  'unreadable_target',
  'stabilization',
  'cooldown',
  'step',
  'flapping',
  'disabled_direction',
  'minimum',
  'maximum',
  'schedule',
  'capacity',
  'paused',
  'dry_run',
]);
export type ScalingLimitKind = z.infer<typeof scalingLimitKind>;

/** One thing that held the number back, or raised it. */
export const scalingLimit = z.object({ kind: scalingLimitKind, from: count, to: count });
export type ScalingLimit = z.infer<typeof scalingLimit>;

/**
 * A decision that was recorded: the number changed, or would have but for something that an operator wants to know of.
 * `manual` is a person's; `held` and `dry_run` changed nothing.
 */
export const scalingDecision = z.object({
  id: entityId,
  serviceId: entityId,
  at: instant,
  outcome: z.enum(['scaled', 'held', 'dry_run', 'manual']),
  from: count,
  to: count,
  /** What the load alone asks for. */
  wanted: count.nullable(),
  ready: count.nullable(),
  /** The target that decided; index in `targets`. */
  decisiveTarget: z.number().int().min(0).nullable(),
  targets: z.array(targetReading).max(10),
  /** In the order in which they took hold. */
  limits: z.array(scalingLimit).max(30),
  /** Who: the policy (null), or a person. */
  decidedBy: z.string().nullable(),
});
export type ScalingDecision = z.infer<typeof scalingDecision>;
