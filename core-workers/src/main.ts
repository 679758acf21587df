import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { allStreams } from '@flotilla/contracts';
import { checkDatabase, closeDatabase, openDatabase, runMigrations } from '@flotilla/core-db';
import {
  connectBus,
  createProcessMetrics,
  ensureStreams,
  loadSettings,
  runMain,
  startHealthServer,
  type ReadFigure,
} from '@flotilla/runtime';
import { startIngestion } from './ingestion/start-ingestion.ts';
import { startScaling } from './scaling/start-scaling.ts';
import { startMaintenance } from './maintenance/start-maintenance.ts';
import type { ConsumerFigures } from './consumer/consumer-figures.ts';
import { planConsumerFigures } from './reporting/plan-consumer-figures.ts';
import { runWorkerReport } from './reporting/run-worker-report.ts';
import { startWaf } from './waf/start-waf.ts';
import { chooseMetricRetention, settingsSchema, type WorkerRole } from './settings.ts';

interface RunningRole {
  readonly finished: Promise<void>;
  readonly figures: readonly ConsumerFigures[];
  readonly readFigures?: readonly ReadFigure[];
}

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

  const metrics = createProcessMetrics('core-workers');
  shutdown.add('metrics', metrics.close);
  const health = await startHealthServer({
    host: settings.healthHost,
    port: settings.healthPort,
    readiness: { database: () => checkDatabase(database), bus: bus.check },
    renderMetrics: metrics.render,
  });
  shutdown.add('health', health.close);

  const { heartbeatIntervalMs } = settings;
  const metricRetention = chooseMetricRetention(settings);
  const deps = { database, bus, logger, heartbeatIntervalMs, metricRetention };
  const starts = {
    maintenance: () => ({ ...startMaintenance(deps, signal), figures: [] }),
    ingestion: () => startIngestion(deps, signal),
    scaling: () => startScaling(deps, signal),
    waf: () => startWaf(deps, signal),
  } satisfies Record<WorkerRole, () => RunningRole>;
  const running = [...new Set(settings.roles)].map((role): [WorkerRole, RunningRole] => [role, starts[role]()]);
  for (const [role, { finished }] of running) shutdown.add(role, () => finished);
  const figures = running.flatMap(([, role]) => role.figures);
  metrics.addFigures(planConsumerFigures(figures));
  metrics.addFigures(running.flatMap(([, { readFigures = [] }]) => readFigures));
  const report = runWorkerReport({ bus, roles: settings.roles, figures, logger }, signal);
  shutdown.add('report', () => report.finished);
  logger.info({ roles: settings.roles, healthPort: health.port }, 'working');
});
