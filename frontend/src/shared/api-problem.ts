import { domainConflict, problem, revisionConflict, type FieldProblem, type Problem } from '@flotilla/contracts';

/** Nothing at the other end answered as the Core: it is down, restarting, or the network is away. */
export class CoreUnreachable extends Error {
  constructor(detail = 'The Core does not answer.', cause?: unknown) {
    super(detail, { cause });
    this.name = 'CoreUnreachable';
  }
}

/** The Core's refusal (RFC 9457), with the fields that it names. */
export class ApiProblem extends Error {
  readonly status: number;
  readonly problem: Problem;

  constructor(answer: Problem) {
    super(answer.detail ?? answer.title);
    this.name = 'ApiProblem';
    this.status = answer.status;
    this.problem = answer;
  }

  /** Last part of the problem's `type`, such as `domain-conflict`. */
  get kind(): string {
    return this.problem.type.split('/').at(-1) ?? '';
  }

  get fieldProblems(): readonly FieldProblem[] {
    return this.problem.errors ?? [];
  }

  /** The services that have the wanted domains; empty when this is another problem. */
  get domainConflicts() {
    return domainConflict.safeParse(this.problem).data?.conflicts ?? [];
  }

  /** What somebody else saved meanwhile; null when this is another problem. */
  get revisionConflict() {
    return revisionConflict.safeParse(this.problem).data ?? null;
  }
}

/** With these the Core's nginx says that the Core is away, or the Core that its database is. */
const AWAY_STATUSES: ReadonlySet<number> = new Set([502, 503, 504]);

/**
 * Reads an answer that is not a success.
 * @param body the answer's text, which is a problem document when the Core wrote it
 */
export function parseFailure(status: number, body: string): ApiProblem | CoreUnreachable {
  const document = problem.safeParse(parseJson(body));
  if (AWAY_STATUSES.has(status)) return new CoreUnreachable(document.data?.detail);
  if (document.success) return new ApiProblem(document.data);
  return new ApiProblem({ type: 'about:blank', title: `HTTP ${status}`, status });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
