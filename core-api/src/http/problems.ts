import type { FieldProblem } from '@flotilla/contracts';

export interface HttpProblemOptions {
  readonly status: number;
  /** Last part of the problem's `type`; clients tell problems apart by it. */
  readonly name: string;
  readonly title: string;
  /** What is wrong with this request, and what to do. Goes to the caller: nothing internal. */
  readonly detail?: string | undefined;
  readonly errors?: readonly FieldProblem[];
  /** Further members of the answer, such as `conflicts`. */
  readonly members?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

/** An error that a caller is told about (RFC 9457). Anything else that is thrown is answered with a bare 500. */
export class HttpProblem extends Error {
  readonly status: number;
  readonly problemName: string;
  readonly title: string;
  readonly detail: string | undefined;
  readonly errors: readonly FieldProblem[] | undefined;
  readonly members: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;

  constructor(options: HttpProblemOptions) {
    super(options.detail ?? options.title, { cause: options.cause });
    this.name = new.target.name;
    this.status = options.status;
    this.problemName = options.name;
    this.title = options.title;
    this.detail = options.detail;
    this.errors = options.errors;
    this.members = options.members ?? {};
    this.headers = options.headers ?? {};
  }
}

/** 400: names every wrong field. */
export class BadRequest extends HttpProblem {
  constructor(detail: string, errors?: readonly FieldProblem[]) {
    super({ status: 400, name: 'bad-request', title: 'Bad request', detail, ...(errors && { errors }) });
  }
}

/** Challenge for a token that is there and does not count (RFC 6750, section 3.1). */
export const INVALID_TOKEN_CHALLENGE = 'Bearer realm="flotilla", error="invalid_token"';

/** 401: the caller is not known; `challenge` says how to be (RFC 6750 for bearer tokens). */
export class Unauthorized extends HttpProblem {
  constructor(detail: string, challenge = 'Bearer realm="flotilla"') {
    super({
      status: 401,
      name: 'unauthorized',
      title: 'Not signed in',
      detail,
      headers: { 'WWW-Authenticate': challenge },
    });
  }
}

/** 403: the caller is known and may not do this. */
export class Forbidden extends HttpProblem {
  constructor(detail: string) {
    super({ status: 403, name: 'forbidden', title: 'Not allowed', detail });
  }
}

/** 404 for a thing: `new NotFound('service', id)`. */
export class NotFound extends HttpProblem {
  constructor(kind: string, id: string) {
    super({ status: 404, name: 'not-found', title: 'Not found', detail: `There is no ${kind} ${id}.` });
  }
}

/** 409, with what it collides with in `members` (`conflicts`, `current`, `changes`). */
export class Conflict extends HttpProblem {
  constructor(detail: string, members: Readonly<Record<string, unknown>> = {}, name = 'conflict') {
    super({ status: 409, name, title: 'Conflict', detail, members });
  }
}

/** 413. */
export class PayloadTooLarge extends HttpProblem {
  constructor(detail: string) {
    super({ status: 413, name: 'payload-too-large', title: 'Body too large', detail });
  }
}

/** 429, with Retry-After. */
export class TooManyRequests extends HttpProblem {
  constructor(detail: string, retryAfterSeconds: number) {
    super({
      status: 429,
      name: 'too-many-requests',
      title: 'Too many requests',
      detail,
      headers: { 'Retry-After': String(retryAfterSeconds) },
    });
  }
}

/** 503, with Retry-After: something that the answer needs is away or busy for now. */
export class Unavailable extends HttpProblem {
  constructor(detail: string, retryAfterSeconds: number, cause?: unknown) {
    super({
      status: 503,
      name: 'unavailable',
      title: 'Unavailable for now',
      detail,
      headers: { 'Retry-After': String(retryAfterSeconds) },
      cause,
    });
  }
}
