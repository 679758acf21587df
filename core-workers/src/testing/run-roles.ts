import { allStreams } from '@flotilla/contracts';
import { closeDatabase, defaultMetricRetention, openDatabase } from '@flotilla/core-db';
import { ensureStreams } from '@flotilla/runtime';
import { startIngestion } from '../ingestion/start-ingestion.ts';
import { startMaintenance } from '../maintenance/start-maintenance.ts';
import { startScaling } from '../scaling/start-scaling.ts';
import { startWaf } from '../waf/start-waf.ts';
import { connectTestBus, quietLogger } from './test-bus.ts';

/**
 * A program for tests: runs all roles until its parent says so, closes everything, and must then end by itself, which it
 * does only when nothing was left open. With the argument `leak` it leaves the bus open.
 */
const [databaseUrl = '', natsUrl = '', mode = ''] = process.argv.slice(2);
const logger = quietLogger();
const abort = new AbortController();
const database = await openDatabase({ url: databaseUrl, logger });
const bus = await connectTestBus(natsUrl);
await ensureStreams(bus, allStreams);
const deps = { database, bus, logger, heartbeatIntervalMs: 1000, metricRetention: defaultMetricRetention };
const roles = [
  startMaintenance(deps, abort.signal),
  startIngestion(deps, abort.signal),
  startScaling(deps, abort.signal),
  startWaf(deps, abort.signal),
];
process.once('message', () => {
  abort.abort();
  void (async () => {
    await Promise.all(roles.map(({ finished }) => finished));
    if (mode !== 'leak') await bus.close();
    await closeDatabase(database);
    process.send?.('closed');
    process.disconnect();
  })();
});
process.send?.('started');
