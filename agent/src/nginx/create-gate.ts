import { compareText } from '../shared/compare-text.ts';
import type { ReplicaGate, ServingReplica } from '../shared/replica-gate.ts';
import type { Rosters } from './resolve-targets.ts';

/** What came of rosters that were asked for together. */
export interface RosterOutcome {
  /** Why a service's roster does not serve, by its id. */
  readonly refused: ReadonlyMap<string, string>;
  /** Services that a replica was taken out of. */
  readonly shrunk: ReadonlySet<string>;
  readonly hasReloaded: boolean;
  /** Resolves when no more than a straggler may reach what was taken out. Never rejects. */
  readonly handedOver: Promise<void>;
}

export interface GateDeps {
  /** Runs the work after everything else that is being done to nginx. */
  readonly inTurn: (work: () => Promise<void>) => Promise<void>;
  readonly serveRosters: (rosters: Rosters) => Promise<RosterOutcome>;
  /** From one reload to the next. */
  readonly intervalMs: number;
  /** Ends it: what waits then is rejected. */
  readonly signal: AbortSignal;
}

interface Waiting {
  roster: readonly ServingReplica[];
  readonly callers: PromiseWithResolvers<void>[];
}

/**
 * Collects what is asked for, so that a stream of calls costs one reload an interval; the first does not wait. Of two
 * rosters of one service that wait, only the newer is served, and both are answered then: as if nginx had served the one
 * and then at once the other.
 */
export function createGate({ inTurn, serveRosters, intervalMs, signal }: GateDeps): ReplicaGate {
  const waiting = new Map<string, Waiting>();
  let isScheduled = false;
  let notBeforeMs = 0;

  const takeWaiting = (): ReadonlyMap<string, Waiting> => {
    const batch = new Map(waiting);
    waiting.clear();
    return batch;
  };

  const serveWaiting = async (): Promise<void> => {
    const batch = takeWaiting();
    if (batch.size === 0) return;
    const startedAtMs = performance.now();
    // What changes nothing costs next to nothing.
    let isFree = false;
    try {
      const asked = new Map([...batch].map(([serviceId, { roster }]) => [serviceId, roster]));
      const { refused, shrunk, hasReloaded, handedOver } = await serveRosters(asked);
      isFree = !hasReloaded && refused.size === 0;
      for (const [serviceId, { callers }] of batch) {
        const isDone = shrunk.has(serviceId) ? handedOver : Promise.resolve();
        // What comes next need not wait for it.
        void isDone.then(() => answer(callers, refused.get(serviceId)));
      }
    } catch (error) {
      for (const { callers } of batch.values()) answer(callers, error instanceof Error ? error.message : String(error));
    }
    if (!isFree) notBeforeMs = startedAtMs + intervalMs;
  };

  const schedule = (): void => {
    if (isScheduled || waiting.size === 0) return;
    isScheduled = true;
    const run = async (): Promise<void> => {
      await inTurn(serveWaiting);
      isScheduled = false;
      schedule();
    };
    setTimeout(() => void run(), Math.max(0, notBeforeMs - performance.now())).unref();
  };

  signal.addEventListener('abort', () => {
    for (const { callers } of takeWaiting().values()) answer(callers, ENDED);
  });

  return {
    serve: async (serviceId, replicas) => {
      const wrong = replicas.find(({ share }) => !(share > 0 && share <= 1));
      if (wrong !== undefined) throw new RangeError(`a share must be above 0 and at most 1, not ${wrong.share}`);
      if (signal.aborted) throw new Error(ENDED);
      // In one order, so that the same replicas make the same text.
      const roster = replicas.toSorted((a, b) => compareText(a.containerId, b.containerId));
      const caller = Promise.withResolvers<void>();
      const present = waiting.get(serviceId);
      if (present === undefined) waiting.set(serviceId, { roster, callers: [caller] });
      else {
        present.roster = roster;
        present.callers.push(caller);
      }
      schedule();
      return caller.promise;
    },
  };
}

const ENDED = 'the agent ends before nginx was told';

/** @param problem undefined when nginx serves what was asked for */
function answer(callers: readonly PromiseWithResolvers<void>[], problem: string | undefined): void {
  for (const { resolve, reject } of callers) {
    if (problem === undefined) resolve();
    else reject(new Error(problem));
  }
}
