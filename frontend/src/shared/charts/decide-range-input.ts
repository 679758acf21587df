/** What is wrong with a range that somebody typed: the field, and a text of this feature. */
export interface RangeProblem {
  readonly field: 'from' | 'to';
  readonly text: 'missing' | 'inFuture' | 'notAfter' | 'tooLong';
}

export type RangeDecision =
  | { readonly ok: true; readonly from: number; readonly to: number }
  | { readonly ok: false; readonly problem: RangeProblem };

/** The API refuses more than two years. */
const LONGEST_MS = 731 * 86_400_000;

/**
 * Makes two times that were typed a range, in milliseconds since the epoch.
 * @param from as fields of the type `datetime-local` have it (`2026-03-29T10:00`), in the reader's own zone
 * @param now milliseconds since the epoch
 */
export function decideRangeInput(from: string, to: string, now: number): RangeDecision {
  const [begin, end] = [Date.parse(from), Date.parse(to)];
  if (Number.isNaN(begin)) return refuse('from', 'missing');
  if (Number.isNaN(end)) return refuse('to', 'missing');
  if (begin >= now) return refuse('from', 'inFuture');
  if (end <= begin) return refuse('to', 'notAfter');
  if (end - begin > LONGEST_MS) return refuse('from', 'tooLong');
  return { ok: true, from: begin, to: end };
}

function refuse(field: RangeProblem['field'], text: RangeProblem['text']): RangeDecision {
  return { ok: false, problem: { field, text } };
}
