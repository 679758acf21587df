import { MAX_HEARTBEAT_INTERVAL_MS, MIN_HEARTBEAT_INTERVAL_MS } from '@flotilla/contracts';

/** What came of a heartbeat. */
export type HeartbeatOutcome =
  | { readonly kind: 'answered'; readonly heartbeatIntervalMs: number; readonly hasMore: boolean }
  | {
      readonly kind: 'refused';
      readonly status: number;
      /** The refusal is the Core's own and not, for instance, that of a proxy in front of it. */
      readonly isFromCore: boolean;
      /** What the body had beyond the agent's vital signs. */
      readonly carried: 'nothing' | 'results' | 'inventory';
    }
  | { readonly kind: 'unavailable' };

export type NextHeartbeat =
  | { readonly action: 'now' | 'wait'; readonly intervalMs: number; readonly reason: string }
  | { readonly action: 'back-off'; readonly discard: 'nothing' | 'results' | 'inventory'; readonly reason: string }
  | { readonly action: 'stop'; readonly reason: string };

/**
 * What to do after a heartbeat. A body that the Core refuses is not sent again as it was: first the inventory goes (it
 * is the most likely cause and comes again with its next change), then the results (the Core delivers their tasks
 * again), so that no bad part silences the agent for good.
 */
export function decideNextHeartbeat(outcome: HeartbeatOutcome): NextHeartbeat {
  switch (outcome.kind) {
    case 'answered': {
      const intervalMs = clampInterval(outcome.heartbeatIntervalMs);
      return outcome.hasMore
        ? { action: 'now', intervalMs, reason: 'not everything had room' }
        : { action: 'wait', intervalMs, reason: 'the Core answered' };
    }
    case 'unavailable':
      return { action: 'back-off', discard: 'nothing', reason: 'the Core is away' };
    case 'refused':
      if (outcome.status === 401 && outcome.isFromCore) {
        return { action: 'stop', reason: 'the Core refuses this agent’s key' };
      }
      if (!outcome.isFromCore) return { action: 'back-off', discard: 'nothing', reason: 'something else answers' };
      return { action: 'back-off', discard: outcome.carried, reason: `the Core refuses ${describe(outcome.carried)}` };
  }
}

function clampInterval(intervalMs: number): number {
  return Math.min(MAX_HEARTBEAT_INTERVAL_MS, Math.max(MIN_HEARTBEAT_INTERVAL_MS, intervalMs));
}

function describe(carried: 'nothing' | 'results' | 'inventory'): string {
  return carried === 'nothing' ? 'the heartbeat' : `the ${carried}; it is dropped`;
}
