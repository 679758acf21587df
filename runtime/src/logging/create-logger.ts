import { pino, stdTimeFunctions, type DestinationStream, type Logger as PinoLogger } from 'pino';

export type Logger = PinoLogger;
export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';

const SECRET_KEYS = [
  'password',
  'passwordHash',
  'apiKey',
  'api_key',
  'authorization',
  'cookie',
  'set-cookie',
  'token',
  'accessToken',
  'refreshToken',
  'joinToken',
  'jwt',
  'busJwt',
  'seed',
  'creds',
  'secret',
  'privateKey',
  'encryptionKey',
] as const;

/** Request objects hold their headers two levels down, wrapped errors one more. */
const REDACTED_DEPTH = 4;

const redactedPaths = SECRET_KEYS.flatMap((key) =>
  Array.from({ length: REDACTED_DEPTH }, (_, depth) => `${'*.'.repeat(depth)}["${key}"]`.replace('.[', '[')),
);

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
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: redactedPaths, censor: '[redacted]' },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}
