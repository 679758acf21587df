import { z } from 'zod';
import { durationMs } from '../values/duration.ts';
import { containerInput, containerSpec, containerView } from './container-spec.ts';

export const MAX_REPLICAS = 100;

/** How replicas of an older specification give way to those of a newer one. */
export const rolloutSettings = z
  .strictObject({
    /** Replicas beyond the wanted number while the new ones start. */
    maxSurge: z.number().int().min(0).max(MAX_REPLICAS).default(1),
    /** Replicas below the wanted number meanwhile. */
    maxUnavailable: z.number().int().min(0).max(MAX_REPLICAS).default(0),
    /** A new replica that is not ready for so long has failed. After three failures in a row the rollout stops and goes back. */
    readyTimeoutMs: durationMs(1000, 3_600_000).default(60_000),
  })
  .refine(({ maxSurge, maxUnavailable }) => maxSurge + maxUnavailable > 0, {
    path: ['maxSurge'],
    message: 'must be at least 1 while maxUnavailable is 0, or nothing could ever be replaced',
  });
export type RolloutSettings = z.infer<typeof rolloutSettings>;

function defineReplicas<Container extends z.ZodType>(container: Container) {
  return z.strictObject({
    container,
    /** How many the node runs, until they are scaled by hand or by a policy; another number saved later counts while no policy decides. */
    count: z.number().int().min(0).max(MAX_REPLICAS).default(1),
    rollout: rolloutSettings.default({ maxSurge: 1, maxUnavailable: 0, readyTimeoutMs: 60_000 }),
    /** A replica on its way out gets no new requests, and so long for those it has. */
    drainMs: durationMs(0, 3_600_000).default(30_000),
    /** A new replica gets its full share of requests after this time; 0 at once. */
    slowStartMs: durationMs(0, 600_000).default(10_000),
  });
}

/** As typed, as shown, and as stored and run: they differ in their secrets only. */
export const replicasInput = defineReplicas(containerInput);
export const replicasView = defineReplicas(containerView);
export const replicaSettings = defineReplicas(containerSpec);
export type ReplicasInput = z.infer<typeof replicasInput>;
export type ReplicasView = z.infer<typeof replicasView>;
export type ReplicaSettings = z.infer<typeof replicaSettings>;
