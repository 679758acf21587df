import {
  buildPath,
  getCurrentUser,
  type CurrentUser,
  type RouteBody,
  type RouteDefinition,
  type RouteResponse,
} from '@flotilla/contracts';

export interface ApiAnswer<Body> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

interface CallOptions<Route extends RouteDefinition> {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: RouteBody<Route> | Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A signed-in user of the API, as a script would be one. */
export class ApiClient {
  readonly baseUrl: string;
  readonly #token: string | null;

  constructor(baseUrl: string, token: string | null = null) {
    this.baseUrl = baseUrl;
    this.#token = token;
  }

  /** Calls a route and returns whatever the answer is. */
  async call<const Route extends RouteDefinition>(
    route: Route,
    options: CallOptions<Route> = {},
  ): Promise<ApiAnswer<unknown>> {
    const query = options.query === undefined ? '' : `?${new URLSearchParams(options.query).toString()}`;
    const response = await fetch(`${this.baseUrl}${buildPath(route, options.params)}${query}`, {
      method: route.method.toUpperCase(),
      headers: {
        ...(this.#token === null ? {} : { authorization: `Bearer ${this.#token}` }),
        ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...options.headers,
      },
      ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
      signal: AbortSignal.timeout(15_000),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text === '' ? null : JSON.parse(text) };
  }

  readCurrentUser(): Promise<CurrentUser> {
    return this.expect(getCurrentUser);
  }

  /** Calls a route that must succeed and returns its body, read by the route's own schema. */
  async expect<const Route extends RouteDefinition>(
    route: Route,
    options: CallOptions<Route> = {},
  ): Promise<RouteResponse<Route>> {
    const answer = await this.call(route, options);
    if (answer.status !== route.status) {
      throw new Error(`${route.method} ${route.path} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    }
    return route.response?.parse(answer.body) as RouteResponse<Route>;
  }
}
