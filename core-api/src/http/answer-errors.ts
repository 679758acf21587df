import { randomUUID } from 'node:crypto';
import { PROBLEM_CONTENT_TYPE, type Problem } from '@flotilla/contracts';
import type { ErrorRequestHandler, Response } from 'express';
import { decideProblem, type ErrorClassifiers } from './decide-problem.ts';
import type { HttpProblem } from './problems.ts';

export const REQUEST_ID_HEADER = 'X-Request-Id';
const PROBLEM_TYPE_BASE = 'https://flotilla.dev/problems/';

/** The part of a pino logger that is used here. */
export interface FailureLog {
  error(fields: object, message: string): void;
}

export interface AnswerErrorsDeps extends ErrorClassifiers {
  readonly log: FailureLog;
}

/** Turns every error of the routes before it into a problem+json answer, and logs those that are our fault. */
export function answerErrors(deps: AnswerErrorsDeps): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    const problem = decideProblem(error, deps);
    const requestId = requestIdOf(response);
    if (problem.status >= 500) {
      const { method, path } = request;
      deps.log.error({ err: error, requestId, method, path, status: problem.status }, 'request failed');
    }
    if (response.headersSent) {
      // Too late for an answer: Express's own handler cuts the connection, so that the caller sees the failure.
      next(error);
      return;
    }
    sendProblem(response, problem, requestId);
  };
}

export function sendProblem(response: Response, problem: HttpProblem, requestId: string): void {
  const body: Problem = {
    ...problem.members,
    type: `${PROBLEM_TYPE_BASE}${problem.problemName}`,
    title: problem.title,
    status: problem.status,
    ...(problem.detail !== undefined && { detail: problem.detail }),
    instance: requestId,
    ...(problem.errors !== undefined && { errors: [...problem.errors] }),
  };
  response
    .status(problem.status)
    .set({ ...problem.headers, [REQUEST_ID_HEADER]: requestId, 'Cache-Control': 'no-store' })
    .type(PROBLEM_CONTENT_TYPE)
    .send(JSON.stringify(body));
}

/** The id that the request log announced, or a new one on routes that are mounted ahead of it. */
function requestIdOf(response: Response): string {
  const announced = response.getHeader(REQUEST_ID_HEADER);
  return typeof announced === 'string' ? announced : randomUUID();
}
