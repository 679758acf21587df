import { setTimeout as delay } from 'node:timers/promises';

/** Thrown when work did not end within its bound. */
export class TimeoutError extends Error {
  override readonly name = 'TimeoutError';

  constructor(what: string, boundMs: number) {
    super(`${what} did not end within ${boundMs} ms`);
  }
}

/** Waits for `work`, at most `boundMs`. The work itself is not stopped. @throws TimeoutError */
export async function withinBound<Value>(what: string, boundMs: number, work: Promise<Value>): Promise<Value> {
  const timer = new AbortController();
  const timeout = delay(boundMs, undefined, { signal: timer.signal }).then(() => {
    throw new TimeoutError(what, boundMs);
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    // The aborted delay rejects; `race` has already settled and listens to it no more than to a late answer.
    timer.abort();
  }
}
