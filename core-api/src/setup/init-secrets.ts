// node core-api/src/setup/init-secrets.ts --dir DIR
//   [--nats-config FILE --nats-store DIR --nats-port N --nats-ws-port N --monitor-port N
//    --nats-host ADDRESS --nats-ws-host ADDRESS --nats-sync-interval 10s]
//
// Makes the Core's secrets where they are missing, and writes the nats-server configuration that fits them.
import { parseArgs } from 'node:util';
import { createLogger } from '@flotilla/runtime';
import { SECRET_FILES } from '../shared/secret-files.ts';
import { writeMissingSecrets } from './write-secrets.ts';
import { writeNatsConfig } from './write-nats-config.ts';

const logger = createLogger({ name: 'init-secrets' });

function readPort(name: string, text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1 || port > 65_535) throw new Error(`--${name} ${text} is not a port (1 to 65535)`);
  return port;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      dir: { type: 'string' },
      'nats-config': { type: 'string' },
      'nats-store': { type: 'string', default: '/data' },
      'nats-host': { type: 'string', default: '127.0.0.1' },
      'nats-port': { type: 'string', default: '4222' },
      'nats-ws-host': { type: 'string', default: '127.0.0.1' },
      'nats-ws-port': { type: 'string', default: '8443' },
      'monitor-port': { type: 'string', default: '8222' },
      'nats-sync-interval': { type: 'string' },
    },
  });
  if (values.dir === undefined) throw new Error('--dir DIR is missing: the folder for the secrets');
  const made = await writeMissingSecrets(values.dir);
  logger.info({ dir: values.dir, made: made.map((name) => SECRET_FILES[name]) }, 'secrets are there');
  const config = values['nats-config'];
  if (config === undefined) return;
  await writeNatsConfig(config, values.dir, {
    host: values['nats-host'],
    port: readPort('nats-port', values['nats-port']),
    webSocketHost: values['nats-ws-host'],
    webSocketPort: readPort('nats-ws-port', values['nats-ws-port']),
    monitorPort: readPort('monitor-port', values['monitor-port']),
    storeDir: values['nats-store'],
    syncInterval: values['nats-sync-interval'] ?? null,
  });
  logger.info({ file: config }, 'nats-server configuration is written');
}

try {
  await main();
} catch (err) {
  logger.fatal({ err }, err instanceof Error ? err.message : 'cannot make the secrets');
  process.exitCode = 1;
}
