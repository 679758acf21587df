import type { Problem } from '@flotilla/contracts';

/** The Core cannot answer at the moment: no connection, no answer in time, overload, restart. Try again later. */
export class CoreUnavailableError extends Error {
  override readonly name = 'CoreUnavailableError';
}

/** The Core understood who asks and said no (4xx). The same request will be refused again. */
export class CoreRefusalError extends Error {
  override readonly name = 'CoreRefusalError';
  readonly status: number;
  readonly problem: Problem | null;

  constructor(what: string, status: number, problem: Problem | null) {
    super(`the Core refused ${what} (${status}): ${describeProblem(problem)}`);
    this.status = status;
    this.problem = problem;
  }
}

function describeProblem(problem: Problem | null): string {
  if (problem === null) return 'without a reason; is the address really that of a Core?';
  const fields = problem.errors?.map(({ field, message }) => `${field} ${message}`) ?? [];
  return [problem.detail ?? problem.title, ...fields].join('; ');
}
