import { randomUUID } from 'node:crypto';
import type { Logger } from '@flotilla/runtime';
import cookieParser from 'cookie-parser';
import express, { Router, type Express } from 'express';
import helmet from 'helmet';
import { pinoHttp } from 'pino-http';
import { decideMissingRoute } from './http/decide-missing-route.ts';
import {
  answerErrors,
  mountRoutes,
  REQUEST_ID_HEADER,
  type AnswerErrorsDeps,
  type BoundRoute,
  type MountDeps,
} from './http/index.ts';
import { docsRouter } from './openapi/docs-page.ts';
import { renderOpenApi } from './openapi/render-openapi.ts';
import { allRoutes } from './shared/all-routes.ts';

/** Asked every few seconds by machines; a line for each would hide the rest. */
const UNLOGGED_PATHS: readonly string[] = ['/api/ping', '/api/health/live', '/api/health/ready'];

export interface AppDeps extends MountDeps, Omit<AnswerErrorsDeps, 'log'> {
  readonly log: Logger;
  readonly version: string;
  /** Peers whose X-Forwarded-… headers are believed: addresses, CIDRs, `loopback`. */
  readonly trustedProxies: readonly string[];
  /** Mounted ahead of all middleware. */
  readonly heartbeatRoutes: readonly BoundRoute[];
  readonly featureRoutes: readonly BoundRoute[];
}

/**
 * Puts the application together. The order matters: the heartbeat comes before the middleware that people's requests
 * need, because that middleware costs more than the heartbeat itself.
 */
export function buildApp(deps: AppDeps): Express {
  const app = express();
  app.disable('x-powered-by');
  // Answers are not to be cached; the only ETags are revisions, which features set.
  app.disable('etag');
  app.set('trust proxy', [...deps.trustedProxies]);

  app.use(mountRoutes(Router(), deps.heartbeatRoutes, deps));
  app.use(securityHeaders());
  app.use(requestLog(deps.log));
  app.use((_request, response, next) => {
    response.set('Cache-Control', 'no-store');
    next();
  });
  app.use('/api/auth', cookieParser());
  app.use(mountRoutes(Router(), deps.featureRoutes, deps));
  app.use(docsRouter(renderOpenApi(allRoutes, deps.version)));
  app.use((request, _response) => {
    throw decideMissingRoute(allRoutes, request.method, request.path);
  });
  app.use(answerErrors(deps));
  return app;
}

/** For answers that are data: nothing in them may run or be framed. The documentation page sets its own policy. */
function securityHeaders() {
  return helmet({
    contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
    // Whoever ends TLS decides about HSTS; this process may well be reached by plain HTTP.
    strictTransportSecurity: false,
    referrerPolicy: { policy: 'no-referrer' },
    xFrameOptions: { action: 'deny' },
  });
}

/** One line a request: no headers, no bodies. */
function requestLog(log: Logger) {
  return pinoHttp({
    logger: log,
    genReqId: (_request, response) => {
      const id = randomUUID();
      response.setHeader(REQUEST_ID_HEADER, id);
      return id;
    },
    serializers: {
      req: ({ id, method, url }: { id: string; method: string; url: string }) => ({ id, method, url }),
      res: ({ statusCode }: { statusCode: number }) => ({ statusCode }),
    },
    autoLogging: { ignore: (request) => UNLOGGED_PATHS.includes(request.url?.split('?')[0] ?? '') },
    customSuccessMessage: (request, response) => `${request.method} ${request.url} ${response.statusCode}`,
    // What failed was logged with its reason by answerErrors; this is the line that says how long it took.
    customErrorMessage: (request, response) => `${request.method} ${request.url} ${response.statusCode}`,
    customLogLevel: (_request, response) => (response.statusCode >= 500 ? 'warn' : 'info'),
  });
}
