import type { Logger } from 'typeorm';
import type { DatabaseLogger } from './database.ts';

/**
 * Keeps TypeORM from printing. Its warnings go to the process's log; failures are thrown anyway, and are logged by
 * whoever handles them; statements are not logged, because their parameters hold hashes of secrets.
 */
export function createTypeormLog(logger: DatabaseLogger): Logger {
  const ignore = (): void => undefined;
  return {
    log: (level, message: unknown) => {
      if (level === 'warn') logger.warn({ detail: message }, 'TypeORM warns');
    },
    logMigration: ignore,
    logQuery: ignore,
    logQueryError: ignore,
    logQuerySlow: ignore,
    logSchemaBuild: ignore,
  };
}
