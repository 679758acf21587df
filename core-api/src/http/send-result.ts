import type { RouteDefinition } from '@flotilla/contracts';
import type { Response } from 'express';
import type { TextAnswer } from './handle.ts';

/** An answer that its own route's schema refuses: a mistake of ours, found by tests. */
export class AnswerMismatch extends Error {
  constructor(route: RouteDefinition, reason: string) {
    super(`${route.method} ${route.path} answers with something else than its schema says: ${reason}`);
    this.name = 'AnswerMismatch';
  }
}

/**
 * Writes a handler's result as the route's answer; `Date`s become ISO 8601. Keeps a status that the handler set.
 * @throws AnswerMismatch when `check` is set and the answer does not fit the schema
 */
export function sendResult(route: RouteDefinition, response: Response, result: unknown, check: boolean): void {
  if (response.statusCode === 200) response.status(route.status);
  if (route.response === undefined) {
    response.end();
    return;
  }
  const body = JSON.stringify(result);
  if (check && response.statusCode === route.status) {
    const parsed = route.response.safeParse(body === undefined ? undefined : JSON.parse(body));
    if (!parsed.success) throw new AnswerMismatch(route, parsed.error.message);
  }
  response.type('json').send(body);
}

/** Writes an answer that is not JSON; browsers save it. */
export function sendText(response: Response, { contentType, fileName, text }: TextAnswer): void {
  response.attachment(fileName).type(contentType).send(text);
}
