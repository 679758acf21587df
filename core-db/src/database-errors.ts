import { QueryFailedError, QueryRunnerAlreadyReleasedError, QueryRunnerProviderAlreadyReleasedError } from 'typeorm';

const UNIQUE_VIOLATION = '23505';
const LOCK_NOT_AVAILABLE = '55P03';
/** No partition has room for a row; also what a check constraint says, of which partitioned tables have none. */
const CHECK_VIOLATION = '23514';

/** SQLSTATE classes and codes of a server that is stopping, starting, overloaded or gone (PostgreSQL, appendix A). */
const UNAVAILABLE_STATES = /^(08...|53...|57P0[1-5])$/;
const UNAVAILABLE_SYSTEM_CODES: readonly string[] = [
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
];
/** pg and pg-pool tell of lost connections by message only. */
const UNAVAILABLE_MESSAGE =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error)/;

/**
 * Whether a statement failed because a row with that key exists.
 * @param constraint its name, for instance `users_email_key`; without one any unique constraint counts
 */
export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  const { code, constraint: violated } = readCause(error);
  return code === UNIQUE_VIOLATION && (constraint === undefined || violated === constraint);
}

/** Whether no partition had room for a row. */
export function isMissingPartition(error: unknown): boolean {
  return readCause(error).code === CHECK_VIOLATION;
}

/** Whether a statement gave up waiting for a lock (`lock_timeout`). */
export function isLockTimeout(error: unknown): boolean {
  return readCause(error).code === LOCK_NOT_AVAILABLE;
}

/** Whether the database could not be reached or was going down: the same statement may succeed later. */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.some(isDatabaseUnavailable);
  // TypeORM releases the connection of a transaction when it is lost between two statements; the next one finds this.
  if (error instanceof QueryRunnerAlreadyReleasedError || error instanceof QueryRunnerProviderAlreadyReleasedError) {
    return true;
  }
  const { code, message } = readCause(error);
  return (
    (typeof code === 'string' && (UNAVAILABLE_STATES.test(code) || UNAVAILABLE_SYSTEM_CODES.includes(code))) ||
    (typeof message === 'string' && UNAVAILABLE_MESSAGE.test(message))
  );
}

/** TypeORM wraps what pg threw. */
function readCause(error: unknown): { code?: unknown; constraint?: unknown; message?: unknown } {
  const cause = error instanceof QueryFailedError ? error.driverError : error;
  return cause instanceof Error ? cause : {};
}
