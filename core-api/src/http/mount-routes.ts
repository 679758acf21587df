import { changePassword, getCurrentUser, type Role, type RouteDefinition } from '@flotilla/contracts';
import type { NextFunction, Request, RequestHandler, Response, Router } from 'express';
import { bearerToken } from './bearer-token.ts';
import type { BoundRoute } from './handle.ts';
import { parseRequest } from './parse-request.ts';
import { Forbidden, INVALID_TOKEN_CHALLENGE, Unauthorized } from './problems.ts';
import { addressKey } from './rate-limit.ts';
import { readJsonBody } from './read-json-body.ts';
import type { RequestAgent, RequestUser } from './request-parties.ts';
import { sendResult, sendText } from './send-result.ts';

/** Who calls? Each function throws Unauthorized or Forbidden when the request does not say or may not. */
export interface AccessDeps {
  /** Reads the access token. */
  readonly authenticateUser: (request: Request, response: Response) => Promise<RequestUser>;
  /** Reads the API key. */
  readonly authenticateAgent: (request: Request) => Promise<RequestAgent>;
  /** Refuses requests that another site's page makes with our cookie. */
  readonly assertSameOrigin: (request: Request) => void;
}

export interface MountDeps extends AccessDeps {
  /** Compares each answer with its route's schema and fails on a difference. For tests: it costs a parse an answer. */
  readonly checkResponses: boolean;
  /** Called once for each request of a route when its answer is out, or its caller gone. */
  readonly onAnswered?: (answered: Answered) => void;
}

export interface Answered {
  readonly route: RouteDefinition;
  /** Null when the caller left before the answer. */
  readonly status: number | null;
  readonly durationMs: number;
}

/**
 * Mounts bound contract routes. Of a request, in this order: rate limit, who calls and whether they may, body, input by
 * the route's schemas, handler, answer. So nobody without access makes the process read a body.
 */
export function mountRoutes(router: Router, bound: readonly BoundRoute[], deps: MountDeps): Router {
  for (const { route, run, renderText, limit, agentCheck } of bound) {
    const admit = async (request: Request, response: Response, next: NextFunction) => {
      tellWhenAnswered(route, response, deps);
      if (limit !== undefined) await limit.take(addressKey(request));
      response.locals['caller'] = await identify(route, agentCheck, request, response, deps);
      next();
    };
    const answer = async (request: Request, response: Response) => {
      const input = parseRequest(route, {
        params: request.params,
        query: request.query,
        body: request.body as unknown,
        hasForeignBody: request.body === undefined && hasBody(request),
      });
      const caller = response.locals['caller'] as CallerPart;
      const result = await run({ ...input, ...caller, request, response, clientAddress: request.ip ?? null });
      const text = renderText(input.query, result);
      if (text === null) sendResult(route, response, result, deps.checkResponses);
      else sendText(response, text);
    };
    const steps: RequestHandler[] =
      route.body === undefined ? [admit, answer] : [admit, readJsonBody(route.maxBodyBytes), answer];
    router[route.method](route.path, ...steps);
  }
  return router;
}

function tellWhenAnswered(route: RouteDefinition, response: Response, { onAnswered }: MountDeps): void {
  if (onAnswered === undefined) return;
  const startedAtMs = performance.now();
  response.once('close', () => {
    const status = response.writableFinished ? response.statusCode : null;
    onAnswered({ route, status, durationMs: performance.now() - startedAtMs });
  });
}

type CallerPart = { user?: RequestUser; agent?: RequestAgent; apiKey?: string };

async function identify(
  route: RouteDefinition,
  agentCheck: BoundRoute['agentCheck'],
  request: Request,
  response: Response,
  deps: AccessDeps,
): Promise<CallerPart> {
  switch (route.access) {
    case 'public':
      return {};
    case 'session':
      deps.assertSameOrigin(request);
      return {};
    case 'agent':
      return agentCheck === 'key' ? { apiKey: readApiKey(request) } : { agent: await deps.authenticateAgent(request) };
    case 'viewer':
    case 'operator':
    case 'admin': {
      const user = await deps.authenticateUser(request, response);
      assertOwnPassword(user, route);
      assertRole(user, route.access);
      return { user };
    }
  }
}

/** What a user may call whose password somebody else knows: enough to change it. Sign-in and sign-out need no user. */
const OPEN_TO_FOREIGN_PASSWORDS: readonly RouteDefinition[] = [getCurrentUser, changePassword];

function assertOwnPassword(user: RequestUser, route: RouteDefinition): void {
  if (!user.mustChangePassword || OPEN_TO_FOREIGN_PASSWORDS.includes(route)) return;
  throw new Forbidden(
    `${user.email} signed in with a password that somebody else has set. Choose your own first: POST ${changePassword.path}.`,
  );
}

const rank: Readonly<Record<Role, number>> = { viewer: 0, operator: 1, admin: 2 };

function assertRole(user: RequestUser, needed: Role): void {
  if (rank[user.role] >= rank[needed]) return;
  throw new Forbidden(`This needs the role ${needed}; ${user.email} has ${user.role}.`);
}

/** What has not even the form of a key (`flk_<agent id>_<secret>`) is refused before its body is read. */
const API_KEY = /^flk_[0-9a-f]{32}_[\w-]{43}$/;

function readApiKey(request: Request): string {
  const key = bearerToken(request);
  if (key === null) throw new Unauthorized('Send the API key as Authorization: Bearer <key>.');
  if (!API_KEY.test(key)) throw new Unauthorized('This is not an API key of an agent.', INVALID_TOKEN_CHALLENGE);
  return key;
}

/** RFC 9110 §6.4: a message has a body when it has one of these headers. */
function hasBody(request: Request): boolean {
  return request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0;
}
