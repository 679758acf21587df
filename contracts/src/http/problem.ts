import { z } from 'zod';

export const PROBLEM_CONTENT_TYPE = 'application/problem+json';

export const fieldProblem = z.object({
  /** Dotted path into the body, query or parameters: `domains.0`, `target.port`. */
  field: z.string(),
  /** What is wrong with it and what is accepted. */
  message: z.string(),
});
export type FieldProblem = z.infer<typeof fieldProblem>;

/** An error answer (RFC 9457): what is wrong, where, and what to do. */
export const problem = z.looseObject({
  /** `https://flotilla.dev/problems/<name>`: an identifier, not a page to fetch. */
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string().optional(),
  /** The request's id, to find it in the log. */
  instance: z.string().optional(),
  errors: z.array(fieldProblem).optional(),
});
export type Problem = z.infer<typeof problem>;

type Issue = z.core.$ZodIssue;

/** Every wrong field of a failed parse, each with its own dotted path, so that a form can put it where it belongs. */
export function findFieldProblems(error: z.ZodError): FieldProblem[] {
  return error.issues.flatMap((issue) => readIssue(issue, []));
}

function readIssue(issue: Issue, parentPath: readonly PropertyKey[]): FieldProblem[] {
  const path = [...parentPath, ...issue.path];
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    return chooseMeantBranch(issue.errors).flatMap((inner) => readIssue(inner, path));
  }
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ field: formatPath([...path, key]), message: 'is not a known field' }));
  }
  return [{ field: formatPath(path), message: issue.message }];
}

/** Of a union's branches the one that fits best was meant: fewest foreign fields, then fewest problems. */
function chooseMeantBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] {
  const misfit = (issues: readonly Issue[]) =>
    issues.length + (issues.some((issue) => issue.code === 'unrecognized_keys') ? 1000 : 0);
  return branches.reduce((best, branch) => (misfit(branch) < misfit(best) ? branch : best));
}

function formatPath(path: readonly PropertyKey[]): string {
  return path.map(String).join('.');
}
