import {
  DEFAULT_HEARTBEAT_INTERVAL_MS,
  MAX_HEARTBEAT_INTERVAL_MS,
  MIN_HEARTBEAT_INTERVAL_MS,
} from '@flotilla/contracts';
import {
  integerSetting,
  listSetting,
  logLevelSetting,
  portSetting,
  secretSetting,
  urlSetting,
} from '@flotilla/runtime';
import { z } from 'zod';

const roles = ['maintenance', 'ingestion'] as const;
const workerRole = z.enum(roles, 'is not a role');

/** A kind of work that a process may take on; any number of processes may share one. */
export type WorkerRole = z.infer<typeof workerRole>;

/** What core-workers reads from the environment; `FLOTILLA_` and the field's name in upper case, but for the roles. */
export const settingsSchema = z.object({
  databaseUrl: secretSetting('postgres://user:password@host:5432/database').refine(
    (url) => /^postgres(ql)?:\/\//.test(url),
    { message: 'does not begin with postgres://' },
  ),
  natsUrl: urlSetting(['nats', 'tls', 'ws', 'wss']).default('nats://127.0.0.1:4222'),
  secretsDir: z.string().optional().meta({ accepted: 'the folder that init-secrets.ts has made' }),
  roles: listSetting(workerRole, `comma separated: ${roles.join(', ')}`)
    .default([...roles])
    .meta({ env: 'WORKER_ROLES' }),
  healthHost: z.string().default('127.0.0.1').meta({ accepted: 'an address to listen on' }),
  healthPort: portSetting({ allowZero: true }).default(0),
  heartbeatIntervalMs: integerSetting(MIN_HEARTBEAT_INTERVAL_MS, MAX_HEARTBEAT_INTERVAL_MS, 'ms').default(
    DEFAULT_HEARTBEAT_INTERVAL_MS,
  ),
  logLevel: logLevelSetting,
});
