import {
  cidr,
  DEFAULT_HEARTBEAT_INTERVAL_MS,
  emailAddress,
  MAX_HEARTBEAT_INTERVAL_MS,
  MIN_HEARTBEAT_INTERVAL_MS,
  newPassword,
} from '@flotilla/contracts';
import {
  booleanSetting,
  integerSetting,
  listSetting,
  logLevelSetting,
  portSetting,
  secretSetting,
  urlSetting,
} from '@flotilla/runtime';
import { z } from 'zod';

const DATABASE_URL_FORM = 'postgres://user:password@host:5432/database';
const NAMED_PROXIES = ['loopback', 'linklocal', 'uniquelocal'] as const;
const trustedProxy = z.union([z.enum(NAMED_PROXIES), cidr], 'is neither an address, a CIDR nor one of those names');

/** What core-api reads from the environment; `FLOTILLA_` and the field's name in upper case. */
export const settingsSchema = z
  .object({
    databaseUrl: secretSetting(DATABASE_URL_FORM).refine((url) => /^postgres(ql)?:\/\//.test(url), {
      message: 'does not begin with postgres://',
    }),
    apiHost: z.string().default('127.0.0.1').meta({ accepted: 'an address to listen on' }),
    apiPort: portSetting({ allowZero: true }).default(3000),
    /** Of `/metrics` and `/health/…`: not for everybody's eyes, so not on the API's port. */
    apiHealthHost: z.string().default('127.0.0.1').meta({ accepted: 'an address to listen on' }),
    apiHealthPort: portSetting({ allowZero: true }).default(0),
    natsUrl: urlSetting(['nats', 'tls', 'ws', 'wss']).default('nats://127.0.0.1:4222'),
    secretsDir: z.string().meta({ accepted: 'the folder that init-secrets.ts has made' }),
    publicUrl: urlSetting(['http', 'https']),
    busUrls: listSetting(
      z.string().regex(/^(nats|tls|wss?):\/\/[^\s,]+$/, 'is not such a URL'),
      'comma separated URLs that begin with nats://, tls://, ws:// or wss://',
    ).default([]),
    adminEmail: emailAddress.optional().meta({ accepted: 'an e-mail address' }),
    adminPassword: newPassword.meta({ secret: true, accepted: 'at least 12 characters' }).optional(),
    adminPasswordOneTime: booleanSetting().default(false),
    heartbeatIntervalMs: integerSetting(MIN_HEARTBEAT_INTERVAL_MS, MAX_HEARTBEAT_INTERVAL_MS, 'ms').default(
      DEFAULT_HEARTBEAT_INTERVAL_MS,
    ),
    trustedProxies: listSetting(
      trustedProxy,
      `comma separated addresses, CIDRs or ${NAMED_PROXIES.join(', ')}`,
    ).default(['loopback']),
    logLevel: logLevelSetting,
  })
  .refine(({ adminEmail, adminPassword }) => (adminEmail === undefined) === (adminPassword === undefined), {
    message: 'FLOTILLA_ADMIN_EMAIL and FLOTILLA_ADMIN_PASSWORD go together: set both or neither',
  });
export type Settings = z.infer<typeof settingsSchema>;

/** The user that an empty database gets; null when the settings name none. */
export function chooseAdministrator({ adminEmail, adminPassword, adminPasswordOneTime }: Settings) {
  if (adminEmail === undefined || adminPassword === undefined) return null;
  return { email: adminEmail, password: adminPassword, mustChangePassword: adminPasswordOneTime };
}
