import { checkDatabase, closeDatabase, openDatabase, readPoolState, runMigrations } from '@flotilla/core-db';
import { loadSettings, runMain, startHealthServer } from '@flotilla/runtime';
import manifest from '../package.json' with { type: 'json' };
import { readBusKeys } from './bus/index.ts';
import { composeApi } from './compose-api.ts';
import { composeFleet } from './compose-fleet.ts';
import { createApiFigures } from './figures/api-figures.ts';
import { startHttpServer } from './http/start-http-server.ts';
import { chooseAdministrator, settingsSchema } from './settings.ts';
import { LateBus } from './shared/late-bus.ts';
import { createSecretBox } from './shared/secret-box.ts';
import { readSecret, readSecretKey } from './shared/secret-files.ts';

const NAME = 'core-api';
const now = () => new Date();

await runMain(NAME, async ({ logger, shutdown, signal, fail }) => {
  const settings = loadSettings(settingsSchema, process.env, { logger });
  logger.level = settings.logLevel;
  const { secretsDir, natsUrl } = settings;
  const tokenKey = await readSecretKey(secretsDir, 'tokenKey');
  const secretBox = createSecretBox(await readSecretKey(secretsDir, 'encryptionKey'));
  const busKeys = await readBusKeys(secretsDir);

  const database = await openDatabase({ url: settings.databaseUrl, logger, applicationName: NAME, signal });
  shutdown.add('database', () => closeDatabase(database));
  await runMigrations(database, logger);

  const openBus = async (name: string, user: 'coreCreds' | 'systemCreds') => {
    const credentials = { creds: await readSecret(secretsDir, user) };
    const options = { servers: [natsUrl], credentials, name, logger, signal };
    const bus = new LateBus(options, { onFatal: (error) => fail(error, 'the bus refuses the Core') });
    shutdown.add(name, () => bus.close());
    return bus;
  };
  const bus = await openBus(NAME, 'coreCreds');
  const systemBus = await openBus(`${NAME}-system`, 'systemCreds');

  const fleet = composeFleet({ ...settings, log: logger, database, bus, systemBus, busKeys, secretBox, now });
  shutdown.add('fleet', () => fleet.close());
  // The bus keeps the list of revoked agents; one that has lost its data, or was away at a removal, gets it here.
  systemBus.onConnected(() => void fleet.syncRevocations());
  bus.onConnected(() => bus.connection !== null && fleet.listenToWorkers(bus.connection));
  const figures = createApiFigures({
    readPool: () => readPoolState(database),
    buses: { core: () => bus.connection !== null, system: () => systemBus.connection !== null },
  });
  shutdown.add('figures', figures.close);
  const readiness = { bus: () => bus.check() };
  const api = composeApi({
    ...settings,
    log: logger,
    version: manifest.version,
    database,
    fleet,
    tokenKey,
    readiness,
    now,
    checkResponses: false,
    onAnswered: figures.onAnswered,
  });
  shutdown.add('rate limits', api.close);
  await api.ensureAdministrator(chooseAdministrator(settings));

  const health = await startHealthServer({
    host: settings.apiHealthHost,
    port: settings.apiHealthPort,
    readiness: { database: () => checkDatabase(database), ...readiness },
    renderMetrics: figures.render,
  });
  shutdown.add('health', health.close);
  const server = await startHttpServer(api.app, { host: settings.apiHost, port: settings.apiPort });
  shutdown.add('HTTP server', server.close);
  logger.info({ host: settings.apiHost, port: server.port, healthPort: health.port }, 'listening');
});
