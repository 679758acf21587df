import { isIP } from 'node:net';
import { displayName } from '@flotilla/contracts';
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

const MEBIBYTE = 2 ** 20;
const absolutePath = z.string().startsWith('/', 'is not an absolute path').meta({ accepted: 'an absolute path' });

/** The agent's settings; each is FLOTILLA_ and the name in capitals. */
export const settingsSchema = z
  .object({
    /** Needed to join; later the Core of the registration is the default. */
    coreUrl: urlSetting(['http', 'https']).optional(),
    joinToken: secretSetting('a join token from the dashboard: flj_…').optional(),
    /** Default: the host's name. */
    agentName: displayName.meta({ accepted: 'a name of at most 80 characters' }).optional(),
    agentDir: absolutePath.default('/var/lib/flotilla-agent'),
    proxyAddress: z
      .string()
      .refine((value) => isIP(value) !== 0, 'is not an IP address')
      .meta({ accepted: 'an IPv4 or IPv6 address of this host; without one all are used' })
      .optional(),
    proxyHttpPort: portSetting().default(80),
    proxyHttpsPort: portSetting().default(443),
    nginxMode: z
      .enum(['process', 'container'], 'is no way to drive nginx')
      .meta({ accepted: 'process or container' })
      .default('process'),
    nginxBinary: z.string().default('nginx'),
    nginxContainer: z.string().optional(),
    dockerSocket: absolutePath.default('/var/run/docker.sock'),
    /** Default: /host when it is mounted, else /. */
    hostRoot: absolutePath.optional(),
    /** Used instead of the addresses that the Core hands out. */
    busUrl: listSetting(urlSetting(['nats', 'tls', 'ws', 'wss']), 'URLs of the bus, separated by commas').optional(),
    sampleIntervalMs: integerSetting(1000, 60_000, 'milliseconds').default(5000),
    /** What may wait on disk for the bus; when it is full the oldest samples go. */
    spoolMaxBytes: integerSetting(8 * MEBIBYTE, 64 * 1024 * MEBIBYTE, 'bytes').default(256 * MEBIBYTE),
    /** MaxMind's format, with countries; read at the start. Without one, traffic has no countries. */
    geoipFile: absolutePath.optional(),
    /** Loopback only; no health server without it. */
    agentHealthPort: portSetting({ allowZero: true }).optional(),
    /** By default nginx goes on serving when the agent ends. */
    stopProxyOnExit: booleanSetting().default(false),
    logLevel: logLevelSetting,
  })
  .refine(({ nginxMode, nginxContainer }) => nginxMode === 'process' || nginxContainer !== undefined, {
    message: 'FLOTILLA_NGINX_MODE=container needs FLOTILLA_NGINX_CONTAINER, the name of nginx’s container',
  })
  .refine(({ proxyHttpPort, proxyHttpsPort }) => proxyHttpPort !== proxyHttpsPort, {
    message: 'FLOTILLA_PROXY_HTTP_PORT and FLOTILLA_PROXY_HTTPS_PORT must differ',
  });
export type AgentSettings = z.infer<typeof settingsSchema>;
