import { choosePeriodMs } from './choose-period.ts';

export interface PeriodicOptions {
  readonly intervalMs: number;
  /** Ends the loop; a run in progress is waited for. */
  readonly signal: AbortSignal;
  /** Each failure, with how many there were in a row. Nothing is thrown by the loop. */
  readonly onError: (error: unknown, failuresInARow: number) => void;
  /** 0 to 1, default 0.1. */
  readonly jitter?: number;
  /** Longest wait after failures; default 30 s. */
  readonly maxBackoffMs?: number;
  /** Wait one interval before the first run. */
  readonly isFirstRunDelayed?: boolean;
  readonly random?: () => number;
}

export interface PeriodicLoop {
  /** Resolves when the signal has aborted and the last run has ended. */
  readonly finished: Promise<void>;
  /** Runs now, or once more right after the run in progress. Calls in between collapse into one. */
  readonly runSoon: () => void;
  /** From the next wait on. */
  readonly setIntervalMs: (intervalMs: number) => void;
}

/** Calls `run` again and again, never two at once: the wait begins when a run ends. */
export function runPeriodically(
  run: (signal: AbortSignal) => Promise<unknown>,
  options: PeriodicOptions,
): PeriodicLoop {
  const {
    signal,
    onError,
    jitter = 0.1,
    maxBackoffMs = 30_000,
    isFirstRunDelayed = false,
    random = Math.random,
  } = options;
  let intervalMs = options.intervalMs;
  let failuresInARow = 0;
  let isAskedFor = !isFirstRunDelayed;
  let endWait: (() => void) | null = null;

  const runSoon = (): void => {
    isAskedFor = true;
    endWait?.();
  };

  const wait = (): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(finish, choosePeriodMs({ intervalMs, jitter, maxBackoffMs }, failuresInARow, random()));
      signal.addEventListener('abort', finish, { once: true });
      endWait = finish;
      function finish(): void {
        clearTimeout(timer);
        signal.removeEventListener('abort', finish);
        endWait = null;
        resolve();
      }
    });

  const loop = async (): Promise<void> => {
    while (!signal.aborted) {
      if (!isAskedFor) await wait();
      if (signal.aborted) break;
      isAskedFor = false;
      try {
        await run(signal);
        failuresInARow = 0;
      } catch (error) {
        if (signal.aborted) break;
        failuresInARow += 1;
        onError(error, failuresInARow);
      }
    }
  };

  return {
    finished: loop(),
    runSoon,
    setIntervalMs: (next) => {
      intervalMs = next;
    },
  };
}
