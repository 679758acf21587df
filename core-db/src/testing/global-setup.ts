import { PostgresServer } from './postgres-server.ts';

/**
 * vitest's global set-up of integration tests: one PostgreSQL server for the run, unless FLOTILLA_TEST_DATABASE_URL
 * names one already (`npm test` does). Workers inherit the variable.
 */
export default async function startServerForRun(): Promise<(() => Promise<void>) | void> {
  if (process.env['FLOTILLA_TEST_DATABASE_URL']) return;
  const server = await PostgresServer.start();
  process.env['FLOTILLA_TEST_DATABASE_URL'] = server.url;
  return async () => {
    delete process.env['FLOTILLA_TEST_DATABASE_URL'];
    await server.destroy();
  };
}
