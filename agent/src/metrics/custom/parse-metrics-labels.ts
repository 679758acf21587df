import { metricsPath } from '@flotilla/contracts';
import type { PolledContainer } from './choose-container-port.ts';

export type MetricsLabels = { readonly path: string; readonly port: number } | { readonly problem: string };

/** What a container's labels ask for; null for nothing. Without a port it is the only one that the container has. */
export function parseMetricsLabels({
  observed: { ports },
  metricsLabels: { path, port },
}: Pick<PolledContainer, 'metricsLabels'> & {
  readonly observed: Pick<PolledContainer['observed'], 'ports'>;
}): MetricsLabels | null {
  if (path === null) return port === null ? null : { problem: 'flotilla.metrics.port is of no use without .path' };
  const parsedPath = metricsPath.safeParse(path);
  if (!parsedPath.success) return { problem: `flotilla.metrics.path ${parsedPath.error.issues[0]?.message}` };
  if (port !== null) {
    const number = /^\d{1,5}$/.test(port) ? Number(port) : 0;
    if (number < 1 || number > 65_535) return { problem: 'flotilla.metrics.port is not a port from 1 to 65535' };
    return { path: parsedPath.data, port: number };
  }
  const [only, ...others] = new Set(
    ports.filter(({ protocol }) => protocol === 'tcp').map(({ containerPort }) => containerPort),
  );
  if (only !== undefined && others.length === 0) return { path: parsedPath.data, port: only };
  return { problem: 'flotilla.metrics.port is needed: the container has not exactly one TCP port' };
}
