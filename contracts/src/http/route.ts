import type { z } from 'zod';

export type HttpMethod = 'get' | 'post' | 'put' | 'patch' | 'delete';

/**
 * Who may call a route. `viewer`, `operator` and `admin` are users with at least that role; `agent` is an API key;
 * `session` is the refresh cookie.
 */
export type Access = 'public' | 'session' | 'agent' | 'viewer' | 'operator' | 'admin';

export interface RouteDefinition {
  readonly method: HttpMethod;
  /** Path with `:name` parameters. */
  readonly path: `/api/${string}`;
  readonly access: Access;
  readonly tag: string;
  readonly summary: string;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  /** Largest body that is read; MAX_BODY_BYTES when it is not given. */
  readonly maxBodyBytes?: number;
  /** Status of a success. */
  readonly status: 200 | 201 | 204;
  /** Body of a success; absent for 204 and for bodies that are not JSON. */
  readonly response?: z.ZodType;
  /** A further form that a success has when the query asks for it. */
  readonly alsoAs?: 'text/csv';
}

/** Keeps the schemas' exact types, from which handlers and clients infer theirs. */
export function defineRoute<const Route extends RouteDefinition>(route: Route): Route {
  return route;
}

type Part<Route, Key extends keyof RouteDefinition> = Route extends Record<Key, z.ZodType> ? Route[Key] : never;

/** What a caller sends, before defaults are filled in. */
export type RouteParams<Route extends RouteDefinition> = z.input<Part<Route, 'params'>>;
export type RouteQuery<Route extends RouteDefinition> = z.input<Part<Route, 'query'>>;
export type RouteBody<Route extends RouteDefinition> = z.input<Part<Route, 'body'>>;
/** What a caller gets back. */
export type RouteResponse<Route extends RouteDefinition> = z.output<Part<Route, 'response'>>;

/** Fills a route's `:name` parameters, each encoded as one path segment. Throws when one is missing. */
export function buildPath(route: Pick<RouteDefinition, 'path'>, params: Readonly<Record<string, string>> = {}): string {
  return route.path.replace(/:([A-Za-z]+)/g, (_, name: string) => {
    const value = params[name];
    if (value === undefined || value === '') throw new Error(`${route.path} needs the parameter ${name}`);
    return encodeURIComponent(value);
  });
}
