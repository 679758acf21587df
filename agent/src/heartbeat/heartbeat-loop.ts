import {
  DEFAULT_HEARTBEAT_INTERVAL_MS,
  MAX_HEARTBEAT_BACKOFF_MS,
  type BansUpdate,
  type HeartbeatRequest,
  type HeartbeatResponse,
} from '@flotilla/contracts';
import { runPeriodically, type Logger } from '@flotilla/runtime';
import type { CoreClient } from '../shared/core-client.ts';
import type { CoreClock } from '../shared/core-clock.ts';
import { CoreRefusalError, CoreUnavailableError } from '../shared/core-errors.ts';
import { decideNextHeartbeat, type HeartbeatOutcome } from './decide-next-heartbeat.ts';
import { agentHeartbeat, type DeliveredTask } from './heartbeat-route.ts';
import type { PendingReport, SentReport } from './pending-report.ts';

/** What the last results may take at shutdown. */
const LAST_HEARTBEAT_TIMEOUT_MS = 1000;

export interface HeartbeatDeps {
  readonly core: CoreClient;
  readonly apiKey: string;
  readonly agentVersion: string;
  readonly sessionId: string;
  readonly report: PendingReport;
  /** Learns the Core's time from each answer. */
  readonly clock: CoreClock;
  readonly readStatus: () => Pick<HeartbeatRequest, 'bus' | 'appliedRevision' | 'bans'>;
  /** The Core's bans are not the node's. */
  readonly onBans: (update: BansUpdate) => void;
  readonly onTasks: (tasks: readonly DeliveredTask[]) => void;
  /** The Core has lost what it knew of this host. */
  readonly onResend: () => void;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

export interface HeartbeatLoop {
  /** Heartbeats now, or once more right after the one in flight. */
  readonly runSoon: () => void;
  /** Throws with the reason while the Core has never answered, or when it refuses this agent. */
  readonly check: () => void;
  /** Ends the loop, then sends results that are still waiting, within a second. Does not reject. */
  readonly close: () => Promise<void>;
}

/**
 * One heartbeat at a time, at the Core's interval:
 *
 *     send ─▶ answered ─▶ tasks handed over ─▶ wait ─▶ send …
 *        ├─▶ no answer ─▶ back off to 30 s ─▶ send …
 *        ├─▶ body refused ─▶ drop the suspect part, back off ─▶ send …
 *        └─▶ key refused ─▶ stopped; nginx goes on serving
 */
export function startHeartbeats(deps: HeartbeatDeps): HeartbeatLoop {
  const { report, logger } = deps;
  const ending = new AbortController();
  const end = (): void => ending.abort();
  deps.signal.addEventListener('abort', end, { once: true });
  if (deps.signal.aborted) end();
  let hasBeenAnswered = false;
  let isFailing = false;
  /** Why the loop has ended for good. */
  let refusal: string | null = null;

  const beat = async (): Promise<void> => {
    const sent = report.plan();
    const outcome = await settle(sent, send(deps, sent, ending.signal));
    const next = decideNextHeartbeat(outcome.heartbeat);
    switch (next.action) {
      case 'now':
      case 'wait':
        if (isFailing) logger.info('the Core answers again');
        isFailing = false;
        hasBeenAnswered = true;
        loop.setIntervalMs(next.intervalMs);
        if (next.action === 'now') loop.runSoon();
        return;
      case 'stop':
        refusal = next.reason;
        logger.error(
          { reason: outcome.reason },
          `${next.reason}: it was removed in the dashboard. No more heartbeats; nginx goes on serving what it serves. ` +
            'To join again, remove state.json and start with a new join token',
        );
        end();
        return;
      case 'back-off':
        if (next.discard === 'inventory') report.dropInventory(sent);
        if (next.discard === 'results') report.dropResults(sent);
        throw new HeartbeatFailure(`${next.reason}: ${outcome.reason}`);
    }
  };

  const settle = async (sent: SentReport, answering: Promise<Answer>): Promise<Settled> => {
    try {
      const answer = await answering;
      accept(deps, sent, answer);
      const { heartbeatIntervalMs } = answer;
      return { heartbeat: { kind: 'answered', heartbeatIntervalMs, hasMore: sent.planned.hasMore }, reason: '' };
    } catch (error) {
      return {
        heartbeat: describeFailure(error, sent),
        reason: error instanceof Error ? error.message : String(error),
      };
    }
  };

  const loop = runPeriodically(beat, {
    intervalMs: DEFAULT_HEARTBEAT_INTERVAL_MS,
    maxBackoffMs: MAX_HEARTBEAT_BACKOFF_MS,
    signal: ending.signal,
    onError: (error, failuresInARow) => {
      const reason = error instanceof Error ? error.message : String(error);
      isFailing = true;
      logger.warn({ reason, failuresInARow }, 'heartbeat failed');
    },
  });

  return {
    runSoon: loop.runSoon,
    check: () => {
      if (refusal !== null) throw new Error(refusal);
      if (!hasBeenAnswered) throw new Error('the Core has not answered yet');
    },
    close: async () => {
      end();
      deps.signal.removeEventListener('abort', end);
      await loop.finished;
      if (refusal !== null || !report.hasResults) return;
      try {
        const sent = report.plan();
        await send(deps, sent, AbortSignal.timeout(LAST_HEARTBEAT_TIMEOUT_MS));
        report.confirm(sent);
      } catch (error) {
        // The Core delivers these tasks again, to the next start of this agent.
        logger.warn({ err: error }, 'the last results could not be sent');
      }
    },
  };
}

/** Why the next heartbeat is late; logged by the loop. */
class HeartbeatFailure extends Error {
  override readonly name = 'HeartbeatFailure';
}

type Answer = Omit<HeartbeatResponse, 'tasks'> & { readonly tasks: readonly DeliveredTask[] };

interface Settled {
  readonly heartbeat: HeartbeatOutcome;
  readonly reason: string;
}

async function send(deps: HeartbeatDeps, { planned }: SentReport, signal: AbortSignal): Promise<Answer> {
  const { core, apiKey, agentVersion, sessionId, clock, logger } = deps;
  if (planned.omittedContainers > 0) {
    logger.warn({ omitted: planned.omittedContainers }, 'this host has more containers than the Core can be told of');
  }
  const body = {
    agentVersion,
    sessionId,
    ...deps.readStatus(),
    clockOffsetMs: clock.offsetMs(),
    taskResults: planned.taskResults,
    ...(planned.proxyResult === null ? {} : { proxyResult: planned.proxyResult }),
    ...(planned.facts === null ? {} : { facts: planned.facts }),
    ...(planned.containers === null ? {} : { containers: planned.containers }),
    ...(planned.replicas.length === 0 ? {} : { replicas: planned.replicas }),
    ...(planned.siteConfigs.length === 0 ? {} : { siteConfigs: planned.siteConfigs }),
  };
  const sentAtMs = performance.now();
  const answer = await core.call(agentHeartbeat, body, { apiKey, signal });
  clock.measure({ sentAtMs, receivedAtMs: performance.now(), serverTimeMs: Date.parse(answer.serverTime) });
  return answer;
}

function accept({ report, onTasks, onResend, onBans, logger }: HeartbeatDeps, sent: SentReport, answer: Answer): void {
  report.confirm(sent);
  if (answer.resend) {
    logger.info('the Core asks for everything about this host');
    onResend();
  }
  if (answer.bans !== undefined) onBans(answer.bans);
  if (answer.tasks.length > 0) onTasks(answer.tasks);
}

function describeFailure(error: unknown, { planned, results, proxyResult }: SentReport): HeartbeatOutcome {
  if (error instanceof CoreUnavailableError) return { kind: 'unavailable' };
  if (!(error instanceof CoreRefusalError)) throw error;
  const { facts, containers, replicas, siteConfigs } = planned;
  const hasInventory = facts !== null || containers !== null || replicas.length > 0 || siteConfigs.length > 0;
  const hasResults = results.length > 0 || proxyResult !== null;
  const carried = hasInventory ? 'inventory' : hasResults ? 'results' : 'nothing';
  return { kind: 'refused', status: error.status, isFromCore: error.problem !== null, carried };
}
