import { findFieldProblems, problem } from '@flotilla/contracts';
import type { z } from 'zod';
import { CoreRefusalError, CoreUnavailableError } from './core-errors.ts';
import { createJsonClient, type JsonAnswer } from './json-client.ts';

const REQUEST_TIMEOUT_MS = 10_000;

/** A route of the contracts that agents use; all of them are POST. */
export interface AgentRoute<Body extends z.ZodType, Answer extends z.ZodType> {
  readonly path: string;
  readonly body: Body;
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
  /** Closes idle connections. */
  readonly close: () => void;
}

/** The Core's API as the agent uses it. */
export function createCoreClient(baseUrl: string, timeoutMs: number = REQUEST_TIMEOUT_MS): CoreClient {
  const http = createJsonClient({ baseUrl, timeoutMs });
  return {
    call: async (route, body, options) => {
      const answer = await http.post(route.path, { body, ...options });
      assertAccepted(route.path, answer);
      const parsed = route.response.safeParse(answer.body);
      if (parsed.success) return parsed.data;
      const problems = findFieldProblems(parsed.error).map(({ field, message }) => `${field || 'the body'} ${message}`);
      throw new CoreUnavailableError(
        `the Core's answer to ${route.path} cannot be read: ${problems.slice(0, 5).join('; ')}`,
      );
    },
    close: http.close,
  };
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
