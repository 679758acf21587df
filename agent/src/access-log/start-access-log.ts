import { runPeriodically, type Logger } from '@flotilla/runtime';
import { createLogPositionRepository } from './log-position.repository.ts';
import { LogTail, type TailFigures } from './log-tail.ts';
import { rotateLogs } from './rotate-logs.ts';
import { TrafficCounter, type LineFigures, type ServiceTraffic } from './traffic-counter.ts';

const LOOK_INTERVAL_MS = 200;
const ROTATION_INTERVAL_MS = 5000;
/** Together with what is kept: at most 320 MiB of a log, and what comes in 5 s. */
const MAX_LOG_BYTES = 64 * 2 ** 20;
const KEPT_LOGS = 4;
/** Longer without having read everything, and what was counted is not all of it. */
const MAX_BEHIND_MS = 2000;

export interface AccessLogDeps {
  /** nginx's log. */
  readonly file: string;
  /** Logs of nginx that nobody reads here; they are rotated alike. */
  readonly otherLogs: readonly string[];
  /** Where the agent keeps how far it has read. */
  readonly positionFile: string;
  /** Tells nginx that the log was renamed. */
  readonly reopen: () => Promise<void>;
  /**
   * Also gets whole lines, each with its newline; the buffer is used again afterwards.
   * @param count of the lines
   */
  readonly onLines?: (lines: Buffer, count: number) => void;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  /** Default 64 MiB. */
  readonly maxLogBytes?: number;
  /** Default 5 s. */
  readonly rotationIntervalMs?: number;
}

export interface AccessLog {
  /**
   * What was counted since the call before, and begins anew. A service that was not counted is not in it.
   * @param serviceIds to be counted from now on
   * @returns null when not everything was read: nobody knows what came
   */
  readonly takeTraffic: (serviceIds: Iterable<string>) => Map<string, ServiceTraffic> | null;
  readonly figures: () => AccessLogFigures;
  /** Resolves when the signal has aborted, and how far was read is on disk. */
  readonly finished: Promise<void>;
}

/** How it does, for `/metrics`. */
export interface AccessLogFigures extends LineFigures, TailFigures {
  readonly isReadable: boolean;
}

/**
 * nginx's log, read while it is written:
 *
 *     nginx ─▶ access.log ─▶ tail, 5 times a second ─▶ counts by service ─▶ taken by who wants them
 *                 ▲               └─▶ how far: on disk
 *                 └── renamed when it is large, every 5 s ─▶ nginx begins a new one
 */
export function startAccessLog(deps: AccessLogDeps): AccessLog {
  const { file, logger, signal } = deps;
  const counter = new TrafficCounter(Date.now);
  const repository = createLogPositionRepository(deps.positionFile, logger);
  let tail: LogTail | null = null;
  /** When everything had been read; by a clock that nobody sets. */
  let caughtUpAtMs = -Infinity;
  let wasKnown = false;
  let isMoved = false;

  const openTail = async (): Promise<LogTail> =>
    new LogTail({
      file,
      position: await repository.read(),
      signal,
      onLines: (lines) => {
        const before = counter.figures.lines;
        counter.add(lines);
        deps.onLines?.(lines, counter.figures.lines - before);
        isMoved = true;
      },
    });

  const look = async (): Promise<void> => {
    tail ??= await openTail();
    if (await tail.look()) caughtUpAtMs = performance.now();
  };

  const save = async (): Promise<void> => {
    if (tail === null || !isMoved) return;
    isMoved = false;
    await repository.write(tail.position);
  };

  const rotate = (): Promise<void> => {
    const files = [file, ...deps.otherLogs];
    return rotateLogs({ files, maxBytes: deps.maxLogBytes ?? MAX_LOG_BYTES, kept: KEPT_LOGS, reopen: deps.reopen });
  };

  /** Neither waits for the other: on a full disk rotation makes room, and without nginx positions are kept. */
  const maintain = async (): Promise<void> => {
    const outcomes = await Promise.allSettled([save(), rotate()]);
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  };

  const looking = runPeriodically(look, {
    intervalMs: LOOK_INTERVAL_MS,
    jitter: 0,
    maxBackoffMs: MAX_BEHIND_MS,
    signal,
    onError: (err, failures) => {
      if (failures === 1) logger.error({ err }, 'the access log cannot be read; it is tried again');
    },
  });
  const maintaining = runPeriodically(maintain, {
    intervalMs: deps.rotationIntervalMs ?? ROTATION_INTERVAL_MS,
    signal,
    isFirstRunDelayed: true,
    onError: (err, failures) => {
      if (failures === 1) logger.warn({ err }, 'nginx’s logs are not looked after; it is tried again');
    },
  });

  const end = async (): Promise<void> => {
    await Promise.all([looking.finished, maintaining.finished]);
    await save().catch((err: unknown) => logger.warn({ err }, 'how far the access log was read is not kept'));
    await tail?.close();
  };

  const isReadable = (): boolean => performance.now() - caughtUpAtMs <= MAX_BEHIND_MS;

  return {
    takeTraffic: (serviceIds) => {
      const traffic = counter.take(serviceIds);
      // Also at the beginning of the time that was counted.
      const isWhole = wasKnown && isReadable();
      wasKnown = isReadable();
      return isWhole ? traffic : null;
    },
    figures: () => ({
      ...counter.figures,
      ...(tail?.figures ?? { tooLongLines: 0, lostFiles: 0 }),
      isReadable: isReadable(),
    }),
    finished: end(),
  };
}
