import { request } from 'node:http';
import { connect } from 'node:net';
import type { HealthCheckSettings } from '@flotilla/contracts';
import type { ReplicaDetails } from './replica-docker.ts';

const TIMEOUT_MS = 3000;

/** `reason`: what it answered instead, in words that follow "it …". */
export type ProbeResult = { readonly ok: true } | { readonly ok: false; readonly reason: string };

const HEALTHY: ProbeResult = { ok: true };
const unhealthy = (reason: string): ProbeResult => ({ ok: false, reason });

/**
 * Whether a running replica can take requests. Never rejects.
 * @param port the one that answers for it; undefined for a service that gets none: that it runs is enough then
 */
export async function probeReplica(
  { address, health }: ReplicaDetails,
  settings: HealthCheckSettings,
  port: number | undefined,
  signal: AbortSignal,
): Promise<ProbeResult> {
  if (settings.kind === 'image' && health !== null) {
    return health === 'healthy' ? HEALTHY : unhealthy(`is ${health} by its image’s own health check`);
  }
  if (port === undefined) return HEALTHY;
  if (address === null) return unhealthy('has no network address');
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
    socket.on('error', (error) => resolve(unhealthy(`does not accept connections on port ${port} (${nameOf(error)})`)));
  });
}

function askOverHttp(host: string, port: number, path: string, signal: AbortSignal): Promise<ProbeResult> {
  const what = `GET ${path} on port ${port}`;
  return new Promise((resolve) => {
    const asking = request({ host, port, path, signal, agent: false, headers: { host: 'localhost' } });
    asking.on('response', (response) => {
      const status = response.statusCode ?? 0;
      response.destroy();
      resolve(status >= 200 && status < 400 ? HEALTHY : unhealthy(`answers ${what} with ${status}`));
    });
    asking.on('error', (error) => resolve(unhealthy(`does not answer ${what} (${nameOf(error)})`)));
    asking.end();
  });
}

function nameOf(error: Error): string {
  if (error.name === 'AbortError' || error.name === 'TimeoutError') return `not within ${TIMEOUT_MS / 1000} s`;
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}
