import { z } from 'zod';
import { MAX_REPLICAS } from '../replicas/replica-settings.ts';
import { seriesName } from '../metrics/series-name.ts';
import { durationMs } from '../values/duration.ts';
import { displayName } from '../values/text.ts';
import { timeZone } from '../values/time-zone.ts';
import { cronExpression } from './cron-expression.ts';

const HOUR_MS = 3_600_000;
const SECOND_MS = 1000;

/**
 * What a target looks at. `cpu` and `memory` are ratios of a replica's limit (of a core or of the host when it has none),
 * `requests_per_second` and `in_flight` are per ready replica, `latency_p95` is of the whole service in milliseconds,
 * `custom` is a figure that each replica's application tells, averaged over the replicas.
 */
export const scalingMetric = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('cpu') }),
  z.strictObject({ kind: z.literal('memory') }),
  z.strictObject({ kind: z.literal('requests_per_second') }),
  z.strictObject({ kind: z.literal('in_flight') }),
  z.strictObject({ kind: z.literal('latency_p95') }),
  z.strictObject({ kind: z.literal('custom'), name: seriesName }),
]);
export type ScalingMetric = z.infer<typeof scalingMetric>;

const positive = z.number().gt(0, 'must be more than 0').max(1e12);

/** A change by a number of replicas, or by a share of those that are there (rounded away from none). */
const scalingChange = z.strictObject({
  by: z.number().int().min(1).max(1000),
  unit: z.enum(['replicas', 'percent']),
});

/** The load that a replica is to have: as many replicas as it takes (Kubernetes HPA, `ceil(ready × current ÷ target)`). */
const valueTarget = z.strictObject({ kind: z.literal('value'), metric: scalingMetric, value: positive });
/** Above a value for so long: more replicas. Below one for so long: fewer. */
const thresholdTarget = z.strictObject({
  kind: z.literal('threshold'),
  metric: scalingMetric,
  comparison: z.enum(['above', 'below']),
  value: positive,
  forMs: durationMs(0, HOUR_MS).default(60_000),
  change: scalingChange,
});
export const scalingTarget = z.discriminatedUnion('kind', [valueTarget, thresholdTarget]);
export type ScalingTarget = z.infer<typeof scalingTarget>;

/** At most this much in any span of `periodMs`. */
const scalingStep = scalingChange.extend({ periodMs: durationMs(SECOND_MS, 30 * 60 * SECOND_MS).default(15_000) });

function defineDirection(defaults: { stabilizationMs: number; steps: z.infer<typeof scalingStep>[] }) {
  const direction = z.strictObject({
    /** Of all that was computed in this time the most cautious counts: it smooths what wavers. */
    stabilizationMs: durationMs(0, HOUR_MS).default(defaults.stabilizationMs),
    /** A load so near to its target changes nothing: 0.1 is 10 %. */
    tolerance: z.number().min(0).max(1).default(0.1),
    /** Nothing again for so long after a change in this direction. */
    cooldownMs: durationMs(0, HOUR_MS).default(0),
    /** None: as far as min and max allow, at once. */
    steps: z.array(scalingStep).max(5).default(defaults.steps),
    /** Which of the steps counts: the one that allows `most`, or the one that allows `least`. */
    select: z.enum(['most', 'least']).default('most'),
    isDisabled: z.boolean().default(false),
  });
  return direction.prefault({});
}

/** While it is active its bounds take the place of the policy's. */
const scalingSchedule = z.strictObject({
  name: displayName,
  /** When a span begins, by the clock of its time zone. */
  cron: cronExpression,
  timeZone,
  durationMs: durationMs(60 * SECOND_MS, 7 * 24 * HOUR_MS),
  minReplicas: z.number().int().min(1).max(MAX_REPLICAS),
  maxReplicas: z.number().int().min(1).max(MAX_REPLICAS),
});
export type ScalingSchedule = z.infer<typeof scalingSchedule>;

interface Bounds {
  readonly minReplicas: number;
  readonly maxReplicas: number;
}
const hasOrderedBounds = ({ minReplicas, maxReplicas }: Bounds): boolean => minReplicas <= maxReplicas;
const ORDER_PROBLEM = { path: ['minReplicas'], message: 'must not be more than maxReplicas' };

/** How many replicas a service has, by its load. Defaults follow the Kubernetes HPA (autoscaling/v2). */
export const scalingPolicy = z
  .strictObject({
    minReplicas: z.number().int().min(1).max(MAX_REPLICAS).default(1),
    maxReplicas: z.number().int().min(1).max(MAX_REPLICAS),
    /** The one that wants the most replicas wins. */
    targets: z.array(scalingTarget).min(1, 'needs at least one target').max(10),
    scaleUp: defineDirection({
      stabilizationMs: 0,
      steps: [
        { by: 100, unit: 'percent', periodMs: 15_000 },
        { by: 4, unit: 'replicas', periodMs: 15_000 },
      ],
    }),
    scaleDown: defineDirection({
      stabilizationMs: 300_000,
      steps: [{ by: 100, unit: 'percent', periodMs: 15_000 }],
    }),
    schedules: z.array(scalingSchedule.refine(hasOrderedBounds, ORDER_PROBLEM)).max(20).default([]),
    /** What a replica needs of its node; more are not placed than fit. Null: not looked at. */
    cpuReservation: z.number().min(0.01).max(1024).nullable().default(null),
    memoryReservationBytes: z
      .number()
      .int()
      .min(1)
      .max(2 ** 50)
      .nullable()
      .default(null),
    isPaused: z.boolean().default(false),
    /** Decides and records, and changes nothing. */
    isDryRun: z.boolean().default(false),
  })
  .refine(hasOrderedBounds, ORDER_PROBLEM);
export type ScalingPolicy = z.infer<typeof scalingPolicy>;
export type ScalingPolicyDraft = z.input<typeof scalingPolicy>;
