import { z } from 'zod';

/**
 * A task's life:
 *
 *     pending ──picked up──▶ delivered ──reported──▶ running ──▶ succeeded | failed
 *        ▲                      │ │                     │
 *        └──── lease ran out ───┘ │                     │
 *        pending, delivered, running ──newer desired state──▶ superseded
 *        delivered, running ──deliveries used up──▶ expired
 *        pending, delivered, running ──nobody waits any more──▶ expired
 */
export const taskState = z.enum(['pending', 'delivered', 'running', 'succeeded', 'failed', 'expired', 'superseded']);
export type TaskState = z.infer<typeof taskState>;

/** How long an agent has for a delivered task before it is delivered again. */
export const TASK_LEASE_MS = 60_000;
/** Deliveries after which a task that was never answered expires. */
export const MAX_TASK_DELIVERIES = 5;
