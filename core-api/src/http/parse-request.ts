import { findFieldProblems, type FieldProblem, type RouteDefinition } from '@flotilla/contracts';
import type { z } from 'zod';
import { BadRequest, HttpProblem } from './problems.ts';

export interface RawInput {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
  /** Whether the request carries a body that was not read because it is not JSON. */
  readonly hasForeignBody: boolean;
}

export interface ParsedInput {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
}

/**
 * Parses a request's parts by its route's schemas.
 * @throws BadRequest that names every wrong field of all three; 415 for a body that is not JSON
 */
export function parseRequest(route: RouteDefinition, raw: RawInput): ParsedInput {
  if (route.body !== undefined && raw.hasForeignBody) {
    throw new HttpProblem({
      status: 415,
      name: 'unsupported-media-type',
      title: 'Not JSON',
      detail: 'Send the body as JSON, with Content-Type: application/json.',
    });
  }
  const errors: FieldProblem[] = [];
  const parsed = {
    params: parsePart(route.params, raw.params, errors),
    query: parsePart(route.query, raw.query, errors),
    body: parsePart(route.body, raw.body, errors, 'body'),
  };
  if (errors.length > 0) throw new BadRequest(formatErrors(errors), errors);
  return parsed;
}

function parsePart(schema: z.ZodType | undefined, value: unknown, errors: FieldProblem[], wholeName = ''): unknown {
  if (schema === undefined) return undefined;
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  for (const problem of findFieldProblems(result.error)) {
    errors.push(problem.field === '' ? { ...problem, field: wholeName } : problem);
  }
  return undefined;
}

function formatErrors(errors: readonly FieldProblem[]): string {
  const [first] = errors;
  if (errors.length === 1 && first !== undefined) return `${first.field}: ${first.message}`;
  return `${errors.length} fields are wrong: ${errors.map(({ field }) => field).join(', ')}`;
}
