import type { RouteDefinition, RouteResponse } from '@flotilla/contracts';
import type { Request, Response } from 'express';
import type { z } from 'zod';
import type { RateLimit } from './rate-limit.ts';
import type { RequestAgent, RequestUser } from './request-parties.ts';

type Parsed<Route, Part extends 'params' | 'query' | 'body'> =
  Route extends Record<Part, z.ZodType> ? z.output<Route[Part]> : undefined;

type Caller<Access> = Access extends 'viewer' | 'operator' | 'admin'
  ? { readonly user: RequestUser }
  : Access extends 'agent'
    ? { readonly agent: RequestAgent }
    : unknown;

interface Exchange {
  readonly request: Request;
  readonly response: Response;
  /** Address of the caller, for the audit log: the socket's peer unless that is a trusted proxy. */
  readonly clientAddress: string | null;
}

interface Input<Route extends RouteDefinition> {
  readonly params: Parsed<Route, 'params'>;
  readonly query: Parsed<Route, 'query'>;
  readonly body: Parsed<Route, 'body'>;
}

/** What a handler gets: the route's schemas have parsed the input, and the caller may use the route. */
export type RouteContext<Route extends RouteDefinition> = Exchange & Input<Route> & Caller<Route['access']>;

/** As `RouteContext`, for handlers that look the key up themselves. */
export type AgentKeyContext<Route extends RouteDefinition> = Exchange & Input<Route> & { readonly apiKey: string };

/** A response before it is written as JSON: times may be `Date`s. */
export type Serialisable<Value> = unknown extends Value
  ? unknown
  : Value extends string
    ? string extends Value
      ? Value | Date
      : Value
    : Value extends object
      ? { readonly [Key in keyof Value]: Serialisable<Value[Key]> }
      : Value;

export type RouteResult<Route extends RouteDefinition> =
  Route extends Record<'response', z.ZodType> ? Serialisable<RouteResponse<Route>> : void;

/** An answer that is not JSON, to be saved as a file. */
export interface TextAnswer {
  readonly contentType: string;
  readonly fileName: string;
  readonly text: string;
}

export interface RouteOptions<Query = unknown, Result = unknown> {
  /** Counts requests by address before anything else is done for them. */
  readonly limit?: RateLimit;
  /** Makes a text of a result where the query asks for one; null for JSON. */
  readonly renderText?: (query: Query, result: Result) => TextAnswer | null;
}

/** Everything that `mountRoutes` may know of a request when it calls a handler. */
export type AnyContext = Exchange & {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
  readonly user?: RequestUser;
  readonly agent?: RequestAgent;
  readonly apiKey?: string;
};

export interface BoundRoute {
  readonly route: RouteDefinition;
  /** `key`: the handler checks the API key itself. */
  readonly agentCheck: 'agent' | 'key';
  readonly limit: RateLimit | undefined;
  readonly run: (context: AnyContext) => Promise<unknown>;
  readonly renderText: (query: unknown, result: unknown) => TextAnswer | null;
}

/**
 * Binds a contract route to what answers it. The handler returns the body of the route's success; anything else is
 * thrown as an `HttpProblem`. A handler that answers with another status than the route's calls `response.status()`.
 */
export function handle<const Route extends RouteDefinition>(
  route: Route,
  handler: (context: RouteContext<Route>) => Promise<RouteResult<Route>> | RouteResult<Route>,
  options: RouteOptions<Parsed<Route, 'query'>, RouteResult<Route>> = {},
): BoundRoute {
  const { renderText } = options;
  return {
    route,
    agentCheck: 'agent',
    limit: options.limit,
    // Called with what this very route has parsed and its handler has returned.
    renderText: (query, result) => renderText?.(query as Parsed<Route, 'query'>, result as RouteResult<Route>) ?? null,
    // mountRoutes parsed the input with this very route's schemas and checked its access; the types follow from that.
    run: async (context) => handler(context as unknown as RouteContext<Route>),
  };
}

/** As `handle`, for agent routes that authenticate many requests with one query: the handler gets the key unchecked. */
export function handleAgentKey<const Route extends RouteDefinition & { readonly access: 'agent' }>(
  route: Route,
  handler: (context: AgentKeyContext<Route>) => Promise<RouteResult<Route>>,
): BoundRoute {
  return {
    route,
    agentCheck: 'key',
    limit: undefined,
    renderText: () => null,
    run: async (context) => handler(context as unknown as AgentKeyContext<Route>),
  };
}
