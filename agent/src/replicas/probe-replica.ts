import { request } from 'node:http';
import { connect } from 'node:net';
import type { HealthCheckSettings } from '@flotilla/contracts';
import type { ReplicaDetails } from './replica-docker.ts';

const TIMEOUT_MS = 3000;

export interface ProbeComplaint {
  /** What it answered instead, in words that follow "it …". */
  readonly reason: string;
  /** What to do about it, as a sentence. */
  readonly remedy: string;
}

export type ProbeResult = { readonly ok: true } | ({ readonly ok: false } & ProbeComplaint);

const HEALTHY: ProbeResult = { ok: true };
const unhealthy = (reason: string, remedy: string): ProbeResult => ({ ok: false, reason, remedy });
/** The commonest mistake: an application that listens for its own container only. */
const remedyOfPort = (port: number): string =>
  `Let the application listen on port ${port} of all addresses (0.0.0.0, not 127.0.0.1), or correct the target’s port.`;

/**
 * Whether a running replica can take requests. Never rejects.
 * @param port the one that answers for it; undefined for a service that gets none: that it runs is enough then
 */
export async function probeReplica(
  { address, health, healthOutput }: ReplicaDetails,
  settings: HealthCheckSettings,
  port: number | undefined,
  signal: AbortSignal,
): Promise<ProbeResult> {
  if (settings.kind === 'image' && health !== null) {
    if (health === 'healthy') return HEALTHY;
    const said = healthOutput === null ? '' : `, which said: ${healthOutput}`;
    return unhealthy(
      `is ${health} by its image’s own health check${said}`,
      'Correct what the check names, or choose another health check than the image’s own.',
    );
  }
  if (port === undefined) return HEALTHY;
  if (address === null) return unhealthy('has no network address', 'Choose a network that gives containers addresses.');
  const bounded = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
  return settings.kind === 'http'
    ? askOverHttp(address, port, settings.path, bounded)
    : askPort(address, port, bounded);
}

function askPort(host: string, port: number, signal: AbortSignal): Promise<ProbeResult> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, signal });
    socket.on('connect', () => {
      socket.destroy();
      resolve(HEALTHY);
    });
    socket.on('error', (error) => {
      resolve(unhealthy(`does not accept connections on port ${port} (${nameOf(error)})`, remedyOfPort(port)));
    });
  });
}

function askOverHttp(host: string, port: number, path: string, signal: AbortSignal): Promise<ProbeResult> {
  const what = `GET ${path} on port ${port}`;
  return new Promise((resolve) => {
    const asking = request({ host, port, path, signal, agent: false, headers: { host: 'localhost' } });
    asking.on('response', (response) => {
      const status = response.statusCode ?? 0;
      response.destroy();
      const remedy = 'Correct the health check’s path, or what the application answers there: it has to be 2xx or 3xx.';
      resolve(status >= 200 && status < 400 ? HEALTHY : unhealthy(`answers ${what} with ${status}`, remedy));
    });
    asking.on('error', (error) => {
      resolve(unhealthy(`does not answer ${what} (${nameOf(error)})`, remedyOfPort(port)));
    });
    asking.end();
  });
}

function nameOf(error: Error): string {
  if (error.name === 'AbortError' || error.name === 'TimeoutError') return `not within ${TIMEOUT_MS / 1000} s`;
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}
