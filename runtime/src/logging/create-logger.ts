import { pino, stdSerializers, stdTimeFunctions, type DestinationStream, type Logger as PinoLogger } from 'pino';
import { REDACTED, redactFields, redactSecrets, SECRET_KEYS } from './redact-secrets.ts';

export type Logger = PinoLogger;
export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';

/** What `formatters` do not see: what a child logger carries, and what request loggers make of requests and responses. */
const REMAINING_PATHS = [
  ...SECRET_KEYS.map((key) => `["${key}"]`),
  'req.headers.authorization',
  'req.headers.cookie',
  'res.headers["set-cookie"]',
];

export interface LoggerOptions {
  /** The process, in each line as `name`. */
  readonly name: string;
  readonly level?: LogLevel;
  /** Where lines go; default standard output, synchronously, so that the last line before an exit is not lost. */
  readonly destination?: DestinationStream;
}

/** A structured logger: one JSON object a line, UTC times, secrets replaced by `[redacted]` wherever they are nested. */
export function createLogger({ name, level = 'info', destination }: LoggerOptions): Logger {
  const options = {
    name,
    level,
    base: { name },
    timestamp: stdTimeFunctions.isoTime,
    formatters: {
      level: (label: string) => ({ level: label }),
      log: (fields: Record<string, unknown>) => redactFields(fields),
    },
    // An error may carry the request that failed.
    serializers: { err: (error: Error) => redactSecrets({ ...stdSerializers.err(error) }) },
    redact: { paths: REMAINING_PATHS, censor: REDACTED },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}
