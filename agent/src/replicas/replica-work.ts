import type { ContainerSpec } from '@flotilla/contracts';
import type { Logger } from '@flotilla/runtime';
import { chooseBackoffMs } from '../shared/choose-backoff.ts';
import { sleep } from '../shared/sleep.ts';
import { countConnections } from './count-connections.ts';
import {
  formatExit,
  formatImageProblem,
  formatLateness,
  formatStartProblem,
  REMOVED_PROBLEM,
} from './format-problem.ts';
import type { ReplicaDocker } from './replica-docker.ts';
import type { Roster } from './roster.ts';
import type { TrackedReplica } from './tracked-replica.ts';

const BACKOFF = { firstMs: 1000, longestMs: 30_000 } as const;
const DRAIN_POLL_MS = 250;
/** A request that the old workers of nginx had accepted may open its connection a moment after the reload. */
const QUIET_MS = 1000;

export interface WorkDeps {
  readonly serviceId: string;
  readonly docker: ReplicaDocker;
  readonly roster: Roster;
  /** The host's /proc. */
  readonly procFolder: string;
  /** Milliseconds of a clock that never goes back. */
  readonly clock: () => number;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

export interface Users {
  /** How long they have to come to an end. */
  readonly drainMs: number;
  /** Where they come in; null when nobody knows any more. */
  readonly ports: readonly number[] | null;
}

/** What makes a replica fail, in an operator's words. */
export class ReplicaFailure extends Error {
  override readonly name = 'ReplicaFailure';
}

/**
 * Makes a replica's container and starts it.
 * @throws ReplicaFailure; whatever was made of it is removed then
 */
export async function makeReplica(replica: TrackedReplica, spec: ContainerSpec, deps: WorkDeps): Promise<void> {
  const { docker, serviceId, clock } = deps;
  const signal = AbortSignal.any([deps.signal, replica.ending.signal]);
  try {
    await docker.ensureImage(spec, signal);
  } catch (error) {
    throw new ReplicaFailure(formatImageProblem(spec.image, wordsOf(error)), { cause: error });
  }
  try {
    const { name, specification } = replica;
    replica.containerId = await docker.create({ name, serviceId, specification }, spec, signal);
    await docker.start(replica.containerId, signal);
    replica.startedAt = (await docker.inspect(replica.containerId, signal))?.startedAt ?? null;
    replica.phase = 'starting';
    replica.since = clock();
    replica.nextProbeAt = replica.since;
  } catch (error) {
    await removeQuietly(replica, deps);
    throw new ReplicaFailure(formatStartProblem(wordsOf(error)), { cause: error });
  }
}

/** Waits until nobody uses a replica that nginx has been told to leave out, then ends it. */
export async function drainReplica(replica: TrackedReplica, users: Users, deps: WorkDeps): Promise<void> {
  const { docker, roster, signal, clock } = deps;
  const { containerId } = replica;
  if (containerId === null) return;
  await roster.untilWithout(containerId, signal);
  await untilUnused(containerId, users, deps);
  if (signal.aborted) return;
  replica.phase = 'stopping';
  replica.since = clock();
  await docker.stop(containerId, signal);
  await docker.remove(containerId, signal);
}

async function untilUnused(
  containerId: string,
  { drainMs, ports }: Users,
  { docker, procFolder, clock, signal }: WorkDeps,
): Promise<void> {
  const until = clock() + drainMs;
  let quietSince: number | null = null;
  while (clock() < until && !signal.aborted) {
    const details = await docker.inspect(containerId, signal);
    if (details === null || !details.isRunning) return;
    const open = ports === null ? null : await countConnections(procFolder, details.pid, ports);
    // What cannot be told is no silence.
    quietSince = open === 0 ? (quietSince ?? clock()) : null;
    if (quietSince !== null && clock() - quietSince >= QUIET_MS) return;
    await sleep(Math.min(DRAIN_POLL_MS, Math.max(0, until - clock())), signal);
  }
}

/**
 * Ends a replica that takes no requests.
 * @returns why it had to go, in an operator's words
 */
export async function endFailed(replica: TrackedReplica, readyTimeoutMs: number, deps: WorkDeps): Promise<string> {
  const { docker, signal } = deps;
  const { containerId } = replica;
  if (containerId === null) return REMOVED_PROBLEM;
  const details = await docker.inspect(containerId, signal);
  if (details === null) return REMOVED_PROBLEM;
  const reason = details.isRunning
    ? formatLateness(readyTimeoutMs, replica.complaint)
    : formatExit(details, await docker.readLastLines(containerId, signal));
  await docker.stop(containerId, signal);
  await docker.remove(containerId, signal);
  return reason;
}

/** Does the work again until it succeeds. @returns false when the agent ends before that */
export async function untilDone(
  work: () => Promise<void>,
  { name: replica }: TrackedReplica,
  { serviceId, logger, signal }: WorkDeps,
): Promise<boolean> {
  for (let failuresInARow = 1; !signal.aborted; failuresInARow += 1) {
    try {
      await work();
      return !signal.aborted;
    } catch (err) {
      if (signal.aborted) return false;
      logger.warn({ err, serviceId, replica, failuresInARow }, 'a replica cannot be ended yet');
      await sleep(chooseBackoffMs(BACKOFF, failuresInARow, Math.random()), signal);
    }
  }
  return false;
}

async function removeQuietly({ containerId }: TrackedReplica, { docker, logger, signal }: WorkDeps): Promise<void> {
  if (containerId === null) return;
  try {
    await docker.remove(containerId, signal);
  } catch (err) {
    // It has our label: the next look at Docker finds it, and it is removed then.
    logger.warn({ err, containerId }, 'a container that did not start is still there');
  }
}

/** Docker's words without the frame that the library puts around them. */
function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const message = 'json' in error ? messageOf(error.json) : null;
  return message ?? error.message;
}

function messageOf(body: unknown): string | null {
  if (typeof body !== 'object' || body === null || !('message' in body)) return null;
  return typeof body.message === 'string' ? body.message : null;
}
