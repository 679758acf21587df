import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { allStreams } from '@flotilla/contracts';
import { checkDatabase, closeDatabase, openDatabase, runMigrations } from '@flotilla/core-db';
import { connectBus, ensureStreams, loadSettings, runMain, startHealthServer } from '@flotilla/runtime';
import { startIngestion } from './ingestion/start-ingestion.ts';
import { startMaintenance } from './maintenance/start-maintenance.ts';
import { settingsSchema, type WorkerRole } from './settings.ts';

await runMain('core-workers', async ({ logger, shutdown, signal, fail }) => {
  const settings = loadSettings(settingsSchema, process.env, { logger });
  logger.level = settings.logLevel;

  const database = await openDatabase({ url: settings.databaseUrl, logger, applicationName: 'core-workers', signal });
  shutdown.add('database', () => closeDatabase(database));
  await runMigrations(database, logger);

  const bus = await connectBus({
    servers: [settings.natsUrl],
    name: 'core-workers',
    logger,
    signal,
    ...(settings.secretsDir !== undefined && {
      credentials: { creds: await readFile(join(settings.secretsDir, 'core.creds'), 'utf8') },
    }),
  });
  shutdown.add('bus', bus.close);
  void bus.closed.then((reason) => reason !== null && fail(reason, 'lost the bus for good'));
  await ensureStreams(bus, allStreams);

  const health = await startHealthServer({
    host: settings.healthHost,
    port: settings.healthPort,
    readiness: { database: () => checkDatabase(database), bus: bus.check },
  });
  shutdown.add('health', health.close);

  const deps = { database, bus, logger, heartbeatIntervalMs: settings.heartbeatIntervalMs };
  const starts = {
    maintenance: () => startMaintenance(deps, signal),
    ingestion: () => startIngestion(deps, signal),
  } satisfies Record<WorkerRole, () => { readonly finished: Promise<void> }>;
  for (const role of new Set(settings.roles)) {
    const { finished } = starts[role]();
    shutdown.add(role, () => finished);
  }
  logger.info({ roles: settings.roles, healthPort: health.port }, 'working');
});
