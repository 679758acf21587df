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
/** Prometheus's text format. Not the library's constant: who has no figures should not load it. */
const METRICS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

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
  /** Answers `GET /metrics`, in Prometheus's text format; without it that is 404. */
  readonly renderMetrics?: () => Promise<string>;
}

export interface HealthServer {
  readonly port: number;
  readonly close: () => Promise<void>;
}

/**
 * `GET /health/live` (always 200 while the process runs), `GET /health/ready` (503 with the failing check) and
 * `GET /metrics`, for processes without an HTTP server of their own and for what is not for everybody's eyes.
 */
export async function startHealthServer(options: HealthServerOptions): Promise<HealthServer> {
  const { host, port, readiness, renderMetrics } = options;
  const server = createServer((request, response) => {
    if (request.url === '/metrics' && renderMetrics !== undefined) {
      void sendMetrics(response, renderMetrics);
      return;
    }
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

async function sendMetrics(response: ServerResponse, renderMetrics: () => Promise<string>): Promise<void> {
  try {
    const text = await renderMetrics();
    response.writeHead(200, { 'content-type': METRICS_CONTENT_TYPE }).end(text);
  } catch (error) {
    response.writeHead(500, { 'content-type': 'text/plain' });
    response.end(error instanceof Error ? error.message : String(error));
  }
}
