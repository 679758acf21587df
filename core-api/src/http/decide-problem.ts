import { BadRequest, HttpProblem, PayloadTooLarge, Unavailable } from './problems.ts';

/** Seconds after which a database that restarts is usually back. */
const DATABASE_RETRY_AFTER_SECONDS = 2;

const INTERNAL = { status: 500, name: 'internal', title: 'Internal error' } as const;

export interface ErrorClassifiers {
  /** Whether the error says that the database cannot be reached or is going down, not that a query is wrong. */
  readonly isDatabaseUnavailable: (error: unknown) => boolean;
}

/** The one place where a thrown value becomes what a caller is told. Unknown errors tell nothing of the inside. */
export function decideProblem(error: unknown, { isDatabaseUnavailable }: ErrorClassifiers): HttpProblem {
  if (error instanceof HttpProblem) return error;
  if (isDatabaseUnavailable(error)) {
    return new Unavailable('The database does not answer.', DATABASE_RETRY_AFTER_SECONDS, error);
  }
  return (
    decideBodyProblem(error) ??
    new HttpProblem({ ...INTERNAL, detail: 'Something went wrong here; the log has it under this id.', cause: error })
  );
}

/**
 * Errors of body-parser and of Express's router; both set `status`, body-parser also `type`
 * (https://github.com/expressjs/body-parser#errors).
 */
function decideBodyProblem(error: unknown): HttpProblem | null {
  if (!(error instanceof Error) || !('status' in error)) return null;
  const type = 'type' in error ? error.type : undefined;
  switch (type) {
    case 'entity.parse.failed':
      return new BadRequest(`The body is not valid JSON: ${error.message}`);
    case 'entity.too.large':
      return new PayloadTooLarge(
        `The body has more than ${'limit' in error ? String(error.limit) : 'the allowed'} bytes, counted after decompression.`,
      );
    case 'encoding.unsupported':
    case 'charset.unsupported':
      return new HttpProblem({
        status: 415,
        name: 'unsupported-media-type',
        title: 'Unsupported encoding',
        detail: 'Send the body in UTF-8, plain or compressed with gzip, deflate or br.',
      });
    case 'request.aborted':
    case 'request.size.invalid':
      return new BadRequest('The body ended early.');
    default:
      if (error.status === 400) return new BadRequest('The request is malformed.');
      return null;
  }
}
