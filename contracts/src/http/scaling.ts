import { z } from 'zod';
import { MAX_REPLICAS } from '../replicas/replica-settings.ts';
import { scalingDecision, targetReading } from '../scaling/scaling-decision.ts';
import { scalingPolicy } from '../scaling/scaling-policy.ts';
import { entityId, instant } from '../values/identifiers.ts';
import { defineRoute } from './route.ts';

const tag = 'scaling';
const params = z.object({ id: entityId });
const count = z.number().int().min(0);

/** What is decided now, and on what. Null stands where nothing is known. */
export const scalingStatus = z.object({
  /** Null: the number is set by hand. */
  policy: scalingPolicy.nullable(),
  policyUpdatedAt: instant.nullable(),
  /** Replicas that are asked for, over all nodes. */
  wanted: count,
  /** Grows by one at each change of that number. */
  scaleRevision: count,
  nodes: z.array(z.object({ agentId: entityId, agentName: z.string(), wanted: count })),
  /** What the policy last saw; null before the first evaluation, and without a policy. */
  evaluation: z
    .object({
      at: instant,
      ready: count,
      targets: z.array(targetReading),
      /** Name of the schedule that sets the bounds; null for the policy's own. */
      activeSchedule: z.string().nullable(),
    })
    .nullable(),
});
export type ScalingStatus = z.infer<typeof scalingStatus>;

export const getScaling = defineRoute({
  method: 'get',
  path: '/api/services/:id/scaling',
  access: 'viewer',
  tag,
  summary: 'How many replicas a service has, by which policy, and what it sees now',
  params,
  status: 200,
  response: scalingStatus,
});

export const putScalingPolicy = defineRoute({
  method: 'put',
  path: '/api/services/:id/scaling',
  access: 'operator',
  tag,
  summary: 'Set the policy that decides how many replicas a service has; 409 when it has no replicas of its own',
  params,
  body: scalingPolicy,
  status: 200,
  response: scalingStatus,
});

export const deleteScalingPolicy = defineRoute({
  method: 'delete',
  path: '/api/services/:id/scaling',
  access: 'operator',
  tag,
  summary: 'Remove the policy; the number stays as it is and is set by hand from now on',
  params,
  status: 200,
  response: scalingStatus,
});

export const pauseScaling = defineRoute({
  method: 'post',
  path: '/api/services/:id/scaling/pause',
  access: 'operator',
  tag,
  summary: 'Pause the policy, or let it go on; 409 when there is none',
  params,
  body: z.strictObject({ isPaused: z.boolean() }),
  status: 200,
  response: scalingStatus,
});

export const scaleService = defineRoute({
  method: 'post',
  path: '/api/services/:id/scale',
  access: 'operator',
  tag,
  summary: 'Set the number of replicas by hand; 409 while a policy decides, unless `pausePolicy` pauses it',
  params,
  body: z.strictObject({
    count: z.number().int().min(0).max(MAX_REPLICAS),
    pausePolicy: z.boolean().default(false),
  }),
  status: 200,
  response: scalingStatus,
});

export const MAX_DECISIONS_PER_ANSWER = 200;

export const listScalingDecisions = defineRoute({
  method: 'get',
  path: '/api/services/:id/scaling/decisions',
  access: 'viewer',
  tag,
  summary: 'Decisions of a time range, newest first',
  params,
  query: z.strictObject({
    from: instant.optional(),
    to: instant.optional(),
    limit: z.coerce.number().int().min(1).max(MAX_DECISIONS_PER_ANSWER).default(50),
  }),
  status: 200,
  response: z.object({
    items: z.array(scalingDecision),
    /** There are older ones in the range. */
    hasMore: z.boolean(),
  }),
});

export const MAX_SCALING_POINTS = 500;

/** Replicas and load over time; a grid of at most 500 points, null where nothing was told. */
export const getScalingHistory = defineRoute({
  method: 'get',
  path: '/api/services/:id/scaling/history',
  access: 'viewer',
  tag,
  summary: 'Replicas wanted and ready, and each target’s load, over a time range',
  params,
  query: z.strictObject({ from: instant, to: instant }),
  status: 200,
  response: z.object({
    /** Milliseconds since the epoch, the grid. */
    times: z.array(z.number().int()).max(MAX_SCALING_POINTS),
    wanted: z.array(z.number().nullable()),
    ready: z.array(z.number().nullable()),
    targets: z.array(
      z.object({
        metric: targetReading.shape.metric,
        /** The value that it was compared with. */
        target: z.number(),
        values: z.array(z.number().nullable()),
      }),
    ),
  }),
});
