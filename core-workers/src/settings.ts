import {
  DEFAULT_HEARTBEAT_INTERVAL_MS,
  MAX_HEARTBEAT_INTERVAL_MS,
  MIN_HEARTBEAT_INTERVAL_MS,
} from '@flotilla/contracts';
import { defaultMetricRetention, findRetentionProblems, type MetricRetention } from '@flotilla/core-db';
import {
  integerSetting,
  listSetting,
  logLevelSetting,
  portSetting,
  secretSetting,
  urlSetting,
} from '@flotilla/runtime';
import { z } from 'zod';

const roles = ['maintenance', 'ingestion', 'scaling', 'waf'] as const;
const workerRole = z.enum(roles, 'is not a role');

/** A kind of work that a process may take on; any number of processes may share one. */
export type WorkerRole = z.infer<typeof workerRole>;

const DAY_MS = 86_400_000;
const MAX_RETENTION_DAYS = 3650;
const retentionDays = (name: string, defaultMs: number) =>
  integerSetting(1, MAX_RETENTION_DAYS, 'days')
    .default(defaultMs / DAY_MS)
    .meta({ env: `FLOTILLA_RETENTION_${name}_DAYS` });

/** What core-workers reads from the environment; `FLOTILLA_` and the field's name in upper case, but for the roles. */
export const settingsSchema = z
  .object({
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
    /** How long samples are kept as they came, and as rollups of 1 minute, 15 minutes and 6 hours. */
    retentionRawDays: retentionDays('RAW', defaultMetricRetention.raw),
    retention1mDays: retentionDays('1M', defaultMetricRetention['1m']),
    retention15mDays: retentionDays('15M', defaultMetricRetention['15m']),
    retention6hDays: retentionDays('6H', defaultMetricRetention['6h']),
    logLevel: logLevelSetting,
  })
  .superRefine((settings, context) => {
    for (const problem of findRetentionProblems(chooseMetricRetention(settings))) {
      context.addIssue({ code: 'custom', message: `FLOTILLA_RETENTION_*_DAYS: ${problem}` });
    }
  });

type RetentionSettings = Readonly<
  Record<'retentionRawDays' | 'retention1mDays' | 'retention15mDays' | 'retention6hDays', number>
>;

/** The retention that the settings ask for, in milliseconds. */
export function chooseMetricRetention(settings: RetentionSettings): MetricRetention {
  return {
    raw: settings.retentionRawDays * DAY_MS,
    '1m': settings.retention1mDays * DAY_MS,
    '15m': settings.retention15mDays * DAY_MS,
    '6h': settings.retention6hDays * DAY_MS,
  };
}
