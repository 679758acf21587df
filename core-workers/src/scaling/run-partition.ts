import { LOAD_STREAM, subjects, type ScalingPolicy } from '@flotilla/contracts';
import {
  listChangedServices,
  listScaleChanges,
  type Database,
  type ScaleChangeRecord,
  type ScaledService,
} from '@flotilla/core-db';
import { runPeriodically, type BusConnection, type Logger } from '@flotilla/runtime';
import type { JsMsg } from '@nats-io/jetstream';
import { readPartitionStream } from '../shared/partitions/read-partition-stream.ts';
import { STALE_AFTER_INTERVALS } from './decide/scaling-input.ts';
import { parseLoad } from './parse-load.ts';
import type { Partition } from './partition.ts';
import type { ScalingFigures } from './scaling-figures.ts';
import type { WatchedPartition } from './watch-services.ts';

/** Wait after the bus failed; doubled after each failure in a row. */
const PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5000;
/** An agent's longest interval; windows are read this much further back, so that they begin with a figure. */
const LONGEST_INTERVAL_MS = 10_000;

export interface RunPartitionDeps {
  readonly database: Database;
  readonly bus: BusConnection;
  readonly logger: Logger;
  readonly figures: ScalingFigures;
  /** Those that are told of changes in the database. */
  readonly partitions: Map<number, WatchedPartition>;
}

/** What has been read of the bus so far. */
interface Progress {
  /** When the stream took the newest message that was read, or from when on it is to be read. */
  readFrom: number;
  readonly takenOverAt: number;
  isLive: boolean;
  readonly onLive?: () => void;
}

export type CreatePartition = (who: 'heir' | 'stand-in', figures: ScalingFigures, signal: AbortSignal) => Partition;

/**
 * Decides for one partition until the signal aborts:
 *
 *     lock ─▶ a stand-in decides on what is told now ──────────────────────┐ ends
 *         └─▶ the longest window of the policies is read again ── all read ─▶ the heir decides, with full windows
 *
 * The stand-in begins with empty windows. That is safe: what is there counts as recommended for a whole window, so that nothing is
 * taken away early. What both would do is done once, because both decide on one scale revision.
 * @param create makes the partition's memory; it decides nothing any more when its signal aborts
 * @returns when the signal has aborted and what was being stored is stored
 */
export async function runPartition(
  number: number,
  create: CreatePartition,
  deps: RunPartitionDeps,
  signal: AbortSignal,
): Promise<void> {
  const { database, logger, partitions, figures } = deps;
  const partition = create('heir', figures, signal);
  const takenOverAt = Date.now();
  const heard = new AbortController();
  const progress: Progress = { readFrom: 0, takenOverAt, isLive: false, onLive: () => heard.abort() };
  let standIn: Promise<void> = Promise.resolve();
  let isLoaded = false;
  const loop = runPeriodically(
    async () => {
      if (!isLoaded) {
        const { services, seenXid } = await listChangedServices(database.manager, [number], '0');
        const since = new Date(takenOverAt - findLongestMs(services.map(({ policy }) => policy)));
        const ids = services.map(({ serviceId }) => serviceId);
        const changes = await listScaleChanges(database.manager, ids, since);
        partition.load(services, changes);
        standIn = runStandIn(
          { number, services, changes, takenOverAt },
          create,
          deps,
          AbortSignal.any([signal, heard.signal]),
        );
        progress.readFrom = since.getTime();
        partitions.set(number, { partition, seenXid });
        isLoaded = true;
      }
      await readMessages(number, partition, progress, deps, signal);
    },
    {
      intervalMs: PAUSE_MS,
      maxBackoffMs: LONGEST_PAUSE_MS,
      signal,
      onError: (err, attempt) => logger.warn({ err, attempt, partition: number }, 'cannot read the load of services'),
    },
  );
  await loop.finished;
  partitions.delete(number);
  await Promise.all([partition.settle(), standIn]);
}

/** Decides on what is told now until the signal aborts; it starts with what is known at the take-over. */
async function runStandIn(
  known: {
    readonly number: number;
    readonly services: readonly ScaledService[];
    readonly changes: readonly ScaleChangeRecord[];
    readonly takenOverAt: number;
  },
  create: CreatePartition,
  deps: RunPartitionDeps,
  signal: AbortSignal,
): Promise<void> {
  const { number, takenOverAt } = known;
  const figures = deps.figures.forStandIn();
  const partition = create('stand-in', figures, signal);
  partition.load(known.services, known.changes);
  const progress: Progress = { readFrom: takenOverAt - LONGEST_INTERVAL_MS, takenOverAt, isLive: false };
  const loop = runPeriodically(() => readMessages(number, partition, progress, { ...deps, figures }, signal), {
    intervalMs: PAUSE_MS,
    maxBackoffMs: LONGEST_PAUSE_MS,
    signal,
    onError: (err, attempt) => deps.logger.debug({ err, attempt, partition: number }, 'cannot stand in'),
  });
  await loop.finished;
  await partition.settle();
}

/** The time that a policy looks back, and a little more. */
function findLongestMs(policies: readonly (ScalingPolicy | null)[]): number {
  const spans = policies.flatMap((policy) => {
    if (policy === null) return [];
    const { scaleUp, scaleDown, targets } = policy;
    const directions = [scaleUp, scaleDown].flatMap(({ stabilizationMs, cooldownMs, steps }) => [
      stabilizationMs,
      cooldownMs,
      ...steps.map(({ periodMs }) => periodMs),
    ]);
    return [...directions, ...targets.map((target) => (target.kind === 'threshold' ? target.forMs : 0))];
  });
  return Math.max(0, ...spans) + STALE_AFTER_INTERVALS * LONGEST_INTERVAL_MS;
}

/** Reads from where it left off. @throws when the bus fails */
function readMessages(
  number: number,
  partition: Partition,
  progress: Progress,
  { bus, figures, logger }: RunPartitionDeps,
  signal: AbortSignal,
): Promise<void> {
  return readPartitionStream(
    {
      stream: LOAD_STREAM.name,
      subject: subjects.loadOfPartition(number),
      readFrom: progress.readFrom,
      onEmpty: () => goLive(partition, progress),
      onMessage: (message, storedAt) => readMessage({ message, storedAt }, partition, progress, { figures, logger }),
    },
    bus,
    signal,
  );
}

function readMessage(
  { message, storedAt }: { readonly message: JsMsg; readonly storedAt: number },
  partition: Partition,
  progress: Progress,
  { figures, logger }: Pick<RunPartitionDeps, 'figures' | 'logger'>,
): void {
  progress.readFrom = storedAt;
  const load = parseLoad(message.data, message.subject, storedAt);
  figures.load.add({ messages: 1 });
  if (load.ok) {
    figures.load.setLag(Date.now() - load.value.sampledAt);
    partition.observe(load.value);
  } else {
    figures.load.add({ refusedValues: 1 });
    logger.debug({ subject: message.subject, reason: load.reason }, 'refused a message of load');
  }
  if (message.info.pending === 0 || storedAt >= progress.takenOverAt) goLive(partition, progress);
}

function goLive(partition: Partition, progress: Progress): void {
  if (progress.isLive) return;
  progress.isLive = true;
  progress.onLive?.();
  partition.goLive(Date.now());
}
