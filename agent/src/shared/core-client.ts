import { buildPath, findFieldProblems, problem, type RouteDefinition } from '@flotilla/contracts';
import type { z } from 'zod';
import { CoreRefusalError, CoreUnavailableError } from './core-errors.ts';
import { createJsonClient, type JsonAnswer } from './json-client.ts';

const REQUEST_TIMEOUT_MS = 10_000;

/** A route of the contracts that agents post to. */
export interface AgentRoute<Body extends z.ZodType, Answer extends z.ZodType> {
  readonly path: string;
  readonly body: Body;
  readonly response: Answer;
}

/** A route of the contracts that agents read from. */
export interface ReadRoute<Answer extends z.ZodType> extends Pick<RouteDefinition, 'path'> {
  readonly method: 'get';
  readonly response: Answer;
}

export interface CallOptions {
  readonly apiKey?: string;
  readonly signal?: AbortSignal;
}

export interface CoreClient {
  /**
   * @throws CoreUnavailableError when it is worth trying again; CoreRefusalError when it is not; the signal's reason when
   *   it aborts
   */
  readonly call: <Body extends z.ZodType, Answer extends z.ZodType>(
    route: AgentRoute<Body, Answer>,
    body: z.input<Body>,
    options: CallOptions,
  ) => Promise<z.output<Answer>>;
  /** @throws as `call` does */
  readonly read: <Answer extends z.ZodType>(
    route: ReadRoute<Answer>,
    params: Readonly<Record<string, string>>,
    options: CallOptions & { readonly maxAnswerBytes?: number },
  ) => Promise<z.output<Answer>>;
  /** Closes idle connections. */
  readonly close: () => void;
}

/** The Core's API as the agent uses it. */
export function createCoreClient(baseUrl: string, timeoutMs: number = REQUEST_TIMEOUT_MS): CoreClient {
  const http = createJsonClient({ baseUrl, timeoutMs });
  return {
    call: async (route, body, options) =>
      parseAnswer(route.path, route.response, await http.post(route.path, { body, ...options })),
    read: async (route, params, options) => {
      const path = buildPath(route, params);
      return parseAnswer(path, route.response, await http.get(path, options));
    },
    close: http.close,
  };
}

function parseAnswer<Answer extends z.ZodType>(path: string, schema: Answer, answer: JsonAnswer): z.output<Answer> {
  assertAccepted(path, answer);
  const parsed = schema.safeParse(answer.body);
  if (parsed.success) return parsed.data;
  const problems = findFieldProblems(parsed.error).map(({ field, message }) => `${field || 'the body'} ${message}`);
  throw new CoreUnavailableError(`the Core's answer to ${path} cannot be read: ${problems.slice(0, 5).join('; ')}`);
}

function assertAccepted(path: string, { status, headers, body }: JsonAnswer): void {
  if (status >= 200 && status < 300) return;
  if (status >= 300 && status < 400) {
    const target = headers.location ?? 'an unknown place';
    throw new CoreUnavailableError(`the Core's address redirects to ${target}; set FLOTILLA_CORE_URL to that`);
  }
  if (isForLater(status)) throw new CoreUnavailableError(`the Core answers ${status} to ${path}`);
  throw new CoreRefusalError(path, status, problem.safeParse(body).data ?? null);
}

/** Request timeout, too early, too many requests, and everything that is the server's own trouble. */
function isForLater(status: number): boolean {
  return status < 200 || status === 408 || status === 425 || status === 429 || status >= 500;
}
