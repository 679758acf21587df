import {
  buildPath,
  refresh,
  type RouteBody,
  type RouteDefinition,
  type RouteParams,
  type RouteQuery,
  type RouteResponse,
  type Session,
} from '@flotilla/contracts';
import { inject, type InjectionKey } from 'vue';
import type { z } from 'zod';
import { ApiProblem, CoreUnreachable, parseFailure } from './api-problem.ts';

type Requires<Route, Key extends string, Value> = Route extends Record<Key, z.ZodType> ? Value : unknown;

/** What a route's call needs, as its definition says. */
export type RequestOf<Route extends RouteDefinition> = Requires<Route, 'params', { params: RouteParams<Route> }> &
  Requires<Route, 'query', { query?: RouteQuery<Route> }> &
  Requires<Route, 'body', { body: RouteBody<Route> }> & { headers?: Record<string, string>; signal?: AbortSignal };

export type AnswerOf<Route extends RouteDefinition> = Route extends { response: z.ZodType }
  ? RouteResponse<Route>
  : undefined;

export interface ApiClient {
  /**
   * Calls one of the Core's routes; an expired access token is renewed once on the way.
   * @throws ApiProblem when the Core refuses, CoreUnreachable when it does not answer
   */
  call<Route extends RouteDefinition>(route: Route, request: RequestOf<Route>): Promise<AnswerOf<Route>>;
  /** As `call`, for an answer that is a file. A link could not carry the access token. */
  download<Route extends RouteDefinition>(route: Route, request: RequestOf<Route>): Promise<Blob>;
  /** Exchanges the refresh cookie; callers at the same time share one exchange. Null when there is no session. */
  renewSession(): Promise<Session | null>;
  setAccessToken(token: string | null): void;
}

export interface ApiClientDeps {
  readonly fetch: typeof globalThis.fetch;
  /** The session could not be renewed: the user has to sign in. */
  readonly onSessionEnded: () => void;
  readonly onSessionRenewed: (session: Session) => void;
}

interface LooseRequest {
  params?: Record<string, string>;
  query?: Record<string, unknown>;
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

/** The access token lives in this closure only, where no other script and no storage has it. */
export function createApiClient(deps: ApiClientDeps): ApiClient {
  let accessToken: string | null = null;
  let renewal: Promise<Session | null> | null = null;

  async function send(route: RouteDefinition, request: LooseRequest): Promise<Response> {
    const { params, query, body, headers, signal } = request;
    try {
      return await deps.fetch(buildPath(route, params) + formatQuery(query), {
        method: route.method.toUpperCase(),
        headers: {
          Accept: 'application/json',
          ...(body !== undefined && { 'Content-Type': 'application/json' }),
          ...(accessToken !== null && route.access !== 'public' && { Authorization: `Bearer ${accessToken}` }),
          ...headers,
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        ...(signal && { signal }),
      });
    } catch (error) {
      if (error instanceof DOMException && error.name === 'AbortError') throw error;
      throw new CoreUnreachable(undefined, error);
    }
  }

  async function exchangeCookie(): Promise<Session | null> {
    try {
      const session = (await readAnswer(await send(refresh, {}))) as Session;
      accessToken = session.accessToken;
      deps.onSessionRenewed(session);
      return session;
    } catch (error) {
      if (error instanceof ApiProblem && error.status === 401) return null;
      throw error;
    }
  }

  function renewSession(): Promise<Session | null> {
    renewal ??= exchangeCookie().finally(() => (renewal = null));
    return renewal;
  }

  /** The answer, after one renewal of the session where it has to be. */
  async function exchange(route: RouteDefinition, request: LooseRequest): Promise<Response> {
    const sentToken = accessToken;
    const answer = await send(route, request);
    const mayRenew = answer.status === 401 && route.access !== 'public' && route.access !== 'session';
    if (!mayRenew) return answer;
    // Another call may have renewed the token while this one was on its way.
    const isRenewed = accessToken !== sentToken || (await renewSession()) !== null;
    if (isRenewed) return send(route, request);
    accessToken = null;
    deps.onSessionEnded();
    return answer;
  }

  async function call(route: RouteDefinition, request: LooseRequest): Promise<unknown> {
    return readAnswer(await exchange(route, request));
  }

  async function download(route: RouteDefinition, request: LooseRequest): Promise<Blob> {
    const answer = await exchange(route, request);
    if (!answer.ok) throw parseFailure(answer.status, await answer.text());
    return answer.blob();
  }

  return {
    call: call as ApiClient['call'],
    download: download as ApiClient['download'],
    renewSession,
    setAccessToken: (token) => (accessToken = token),
  };
}

async function readAnswer(answer: Response): Promise<unknown> {
  if (!answer.ok) throw parseFailure(answer.status, await answer.text());
  return answer.status === 204 ? undefined : answer.json();
}

/** `?name=value…` of what is set; an empty filter is no filter, a list repeats its name. */
function formatQuery(query: Record<string, unknown> = {}): string {
  const set = Object.entries(query)
    .flatMap(([name, value]) => (Array.isArray(value) ? value : [value]).map((one: unknown) => [name, one] as const))
    .filter(([, value]) => value !== undefined && value !== null && value !== '');
  return set.length === 0
    ? ''
    : `?${new URLSearchParams(set.map(([name, value]) => [name, String(value)])).toString()}`;
}

export const apiClientKey: InjectionKey<ApiClient> = Symbol('api client');

/** The application's client, as main.ts made it. */
export function useApi(): ApiClient {
  const client = inject(apiClientKey);
  if (client === undefined) throw new Error('main.ts provides no API client');
  return client;
}
