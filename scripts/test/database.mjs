import { join } from 'node:path';
import { chooseFreePort } from '../up/ports.mjs';
import { answersAsPostgres, EmbeddedPostgres } from '../up/postgres.mjs';
import { step } from '../up/progress.mjs';
import { SupervisedProcess } from '../up/supervised-process.mjs';

/**
 * One PostgreSQL server for all integration tests; each test file makes a database of its own on it.
 * @returns {Promise<{ url: string, stop: () => Promise<void> }>} the address of its administrator
 */
export async function startTestDatabase(root, dir) {
  const port = await chooseFreePort();
  const postgres = new EmbeddedPostgres({ root, dir, port, password: 'flotilla-test' });
  await postgres.prepare();
  const definition = {
    name: 'postgres',
    command: postgres.serverCommand(),
    env: process.env,
    address: `127.0.0.1:${port}`,
    isHealthy: () => answersAsPostgres(port),
    startTimeoutMs: 30_000,
    stopSignal: 'SIGINT',
    stopTimeoutMs: 5000,
  };
  const server = new SupervisedProcess(definition, { logFile: join(dir, 'server.log'), onChange: () => undefined });
  await step('PostgreSQL', async () => {
    server.start();
    await server.waitUntilHealthy();
  });
  return { url: postgres.url, stop: () => server.stop() };
}
