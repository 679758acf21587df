import { healthLive, healthReady, ping } from '@flotilla/contracts';
import { readHealth, type HealthChecks } from '@flotilla/runtime';
import { handle, type BoundRoute } from '../http/index.ts';

export interface HealthRoutesDeps {
  readonly version: string;
  /** What requests cannot be answered without. */
  readonly readiness: HealthChecks;
}

export function healthRoutes({ version, readiness }: HealthRoutesDeps): BoundRoute[] {
  return [
    handle(ping, () => ({ status: 'ok' as const, version })),
    handle(healthLive, () => readHealth({})),
    handle(healthReady, async ({ response }) => {
      const report = await readHealth(readiness);
      if (report.status === 'failing') response.status(503);
      return report;
    }),
  ];
}
