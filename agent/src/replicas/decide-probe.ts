import type { ProbeResult } from './probe-replica.ts';
import type { TrackedReplica } from './tracked-replica.ts';

/** A replica that starts is asked often, so that it serves as soon as it can. */
const STARTING_INTERVAL_MS = 500;
const READY_INTERVAL_MS = 5000;
/** After a probe that was not passed. */
const DOUBTFUL_INTERVAL_MS = 1000;
/** One slow answer is no illness. */
const MOST_FAILED_PROBES = 3;

export type ProbeOutcome = Pick<
  TrackedReplica,
  'phase' | 'since' | 'readySince' | 'failedProbes' | 'nextProbeAt' | 'complaint' | 'isUnasked'
>;

/** What a probe makes of a replica that starts, is ready, or was. */
export function decideProbe(replica: TrackedReplica, result: ProbeResult, now: number): ProbeOutcome {
  const { phase, since, readySince, isUnasked } = replica;
  if (result.ok) {
    const isNew = phase !== 'ready';
    return {
      phase: 'ready',
      since: isNew ? now : since,
      // One that served before this agent began has warmed up long ago.
      readySince: phase === 'starting' && !isUnasked ? now : readySince,
      failedProbes: 0,
      nextProbeAt: now + READY_INTERVAL_MS,
      complaint: null,
      isUnasked: false,
    };
  }
  const failedProbes = replica.failedProbes + 1;
  const isLost = phase === 'ready' && failedProbes >= MOST_FAILED_PROBES;
  return {
    phase: isLost ? 'unready' : phase,
    since: isLost ? now : since,
    readySince,
    failedProbes,
    nextProbeAt: now + (phase === 'starting' ? STARTING_INTERVAL_MS : DOUBTFUL_INTERVAL_MS),
    complaint: { reason: result.reason, remedy: result.remedy },
    // One that was found may serve already: a single bad answer does not take it out of nginx.
    isUnasked: isUnasked && failedProbes < MOST_FAILED_PROBES,
  };
}
