/** What the bus says of one message. */
export type Ack =
  /** It is stored, now or before (`isRepeat`). */
  | { readonly kind: 'stored'; readonly isRepeat: boolean }
  /** `code` as in HTTP; 0 when the answer makes no sense. */
  | { readonly kind: 'refused'; readonly code: number; readonly reason: string };

/** The status of a message without a body that says: nobody listens on the subject. */
export const NO_RESPONDERS = 503;

/**
 * Reads the answer to a JetStream publish: `{"stream":"METRICS","seq":7,"duplicate":true}`, or
 * `{"error":{"code":400,"err_code":10054,"description":"…"}}`.
 * @param status of the message's header; 0 without one
 */
export function parseAck(text: string, status: number): Ack {
  if (status === NO_RESPONDERS) return { kind: 'refused', code: status, reason: 'no stream takes these messages' };
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return { kind: 'refused', code: 0, reason: 'the answer is not JSON' };
  }
  if (typeof body !== 'object' || body === null) return { kind: 'refused', code: 0, reason: 'the answer is no object' };
  if ('error' in body && typeof body.error === 'object' && body.error !== null) return readError(body.error);
  if ('stream' in body && 'seq' in body && typeof body.seq === 'number') {
    return { kind: 'stored', isRepeat: 'duplicate' in body && body.duplicate === true };
  }
  return { kind: 'refused', code: 0, reason: 'the answer names no stream' };
}

function readError(error: object): Ack {
  const code = 'code' in error && typeof error.code === 'number' ? error.code : 0;
  const description = 'description' in error && typeof error.description === 'string' ? error.description : 'no reason';
  return { kind: 'refused', code, reason: description };
}
