import { createLogger, type Logger } from '../logging/create-logger.ts';
import { formatSettingProblem, SettingsError } from '../settings/settings-error.ts';
import { Shutdown } from './shutdown.ts';

const SIGNAL_NUMBERS = { SIGINT: 2, SIGTERM: 15 } as const;

export interface MainContext {
  /** Set `logger.level` once the settings are known. */
  readonly logger: Logger;
  /** Register here what you open; it is closed in reverse order. */
  readonly shutdown: Shutdown;
  /** Aborts when the process begins to stop. */
  readonly signal: AbortSignal;
  /** Stops the process in order with exit code 1, for what no retry can mend. */
  readonly fail: (error: unknown, message: string) => void;
}

/**
 * Runs a process: `main` starts everything and returns; the process then lives until SIGTERM or SIGINT, closes what was
 * registered and exits. Exit codes: 0 stopped by a signal, in order; 1 wrong settings, a failed start, `fail`, an
 * unhandled rejection or an unclean stop; 128 + the signal's number when a second signal cut the stop short.
 */
export async function runMain(name: string, main: (context: MainContext) => Promise<void>): Promise<void> {
  const logger = createLogger({ name });
  const shutdown = new Shutdown({ logger });
  const stop = async (exitCode: number): Promise<void> => {
    const isClean = await shutdown.run();
    logger.info('stopped');
    process.exit(isClean ? exitCode : 1);
  };
  const fail = (error: unknown, message: string): void => {
    logFatal(logger, error, message);
    void stop(1);
  };

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (shutdown.signal.aborted) process.exit(128 + SIGNAL_NUMBERS[signal]);
      logger.info({ signal }, 'stopping');
      void stop(0);
    });
  }
  process.on('unhandledRejection', (error) => fail(error, 'unhandled rejection'));
  process.on('uncaughtException', (error) => fail(error, 'uncaught exception'));

  try {
    await main({ logger, shutdown, signal: shutdown.signal, fail });
  } catch (error) {
    // What a signal interrupts while it starts is no failure of the start.
    if (!shutdown.signal.aborted) fail(error, 'could not start');
  }
}

function logFatal(logger: Logger, error: unknown, message: string): void {
  if (!(error instanceof SettingsError)) {
    logger.fatal({ err: error }, message);
    return;
  }
  for (const problem of error.problems) logger.fatal({ setting: problem.name }, formatSettingProblem(problem));
}
