import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { z } from 'zod';
import type { healthReport } from '@flotilla/contracts';
import { withinBound } from '../shutdown/bounded.ts';

export type HealthReport = z.infer<typeof healthReport>;

/** Resolves when the thing works; rejects with the reason when it does not. */
export type HealthCheck = () => Promise<unknown> | void;
export type HealthChecks = Readonly<Record<string, HealthCheck>>;

const CHECK_BOUND_MS = 2000;

/** Runs all checks at once, each bounded by 2 s. Never rejects. */
export async function readHealth(checks: HealthChecks): Promise<HealthReport> {
  const results = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => {
      try {
        await withinBound(name, CHECK_BOUND_MS, (async () => check())());
        return { name, ok: true };
      } catch (error) {
        return { name, ok: false, detail: error instanceof Error ? error.message : String(error) };
      }
    }),
  );
  return { status: results.every(({ ok }) => ok) ? 'ok' : 'failing', checks: results };
}

export interface HealthServerOptions {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** What the process cannot work without. Liveness depends on nothing. */
  readonly readiness: HealthChecks;
}

export interface HealthServer {
  readonly port: number;
  readonly close: () => Promise<void>;
}

/**
 * `GET /health/live` (always 200 while the process runs) and `GET /health/ready` (503 with the failing check), for
 * processes without an HTTP server of their own.
 */
export async function startHealthServer({ host, port, readiness }: HealthServerOptions): Promise<HealthServer> {
  const server = createServer((request, response) => {
    const checks = { '/health/live': {}, '/health/ready': readiness }[request.url ?? ''];
    if (checks === undefined) response.writeHead(404).end();
    else void readHealth(checks).then((report) => sendReport(response, report));
  });
  server.listen(port, host);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      server.close();
      server.closeAllConnections();
      if (server.listening) await once(server, 'close');
    },
  };
}

function sendReport(response: ServerResponse, report: HealthReport): void {
  response.writeHead(report.status === 'ok' ? 200 : 503, { 'content-type': 'application/json' });
  response.end(JSON.stringify(report));
}
