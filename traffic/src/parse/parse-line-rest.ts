import type { LineHead } from './parse-line-head.ts';

/** `"`: see agent/src/nginx/blocks/access-log.ts, which writes these lines. */
const SEPARATOR = 0x22;
const QUESTION = 0x3f;

/** Where the fields that strangers write are in a line. One is made and used for all lines, as of `LineHead`. */
export interface LineRest {
  methodAt: number;
  methodEnd: number;
  protocolAt: number;
  protocolEnd: number;
  /** Of what was asked for, without its query. */
  pathAt: number;
  pathEnd: number;
  /** Without its query. */
  referrerAt: number;
  referrerEnd: number;
  userAgentAt: number;
  userAgentEnd: number;
}

export function createLineRest(): LineRest {
  return {
    methodAt: 0,
    methodEnd: 0,
    protocolAt: 0,
    protocolEnd: 0,
    pathAt: 0,
    pathEnd: 0,
    referrerAt: 0,
    referrerEnd: 0,
    userAgentAt: 0,
    userAgentEnd: 0,
  };
}

/**
 * Finds what follows the client's address: `client"request id"method"protocol"requested"referrer"agent`.
 * @param end of the line: its newline
 * @param rest gets the places; of no meaning when the line is refused
 * @returns whether the line has as many fields as it should
 */
export function parseLineRest(bytes: Uint8Array, end: number, { clientAt }: LineHead, rest: LineRest): boolean {
  const requestIdAt = bytes.indexOf(SEPARATOR, clientAt) + 1;
  rest.methodAt = bytes.indexOf(SEPARATOR, requestIdAt) + 1;
  rest.methodEnd = bytes.indexOf(SEPARATOR, rest.methodAt);
  rest.protocolAt = rest.methodEnd + 1;
  rest.protocolEnd = bytes.indexOf(SEPARATOR, rest.protocolAt);
  rest.pathAt = rest.protocolEnd + 1;
  const requestedEnd = bytes.indexOf(SEPARATOR, rest.pathAt);
  rest.referrerAt = requestedEnd + 1;
  const referrerEnd = bytes.indexOf(SEPARATOR, rest.referrerAt);
  rest.userAgentAt = referrerEnd + 1;
  rest.userAgentEnd = end;
  const isInOrder =
    requestIdAt > clientAt &&
    rest.methodAt > requestIdAt &&
    rest.protocolAt > rest.methodAt &&
    rest.pathAt > rest.protocolAt &&
    rest.referrerAt > rest.pathAt &&
    rest.userAgentAt > rest.referrerAt;
  if (!isInOrder || referrerEnd >= end) return false;
  // One more is one too many; the next line's does not count.
  const tooMany = bytes.indexOf(SEPARATOR, rest.userAgentAt);
  if (tooMany !== -1 && tooMany < end) return false;
  rest.pathEnd = findQuery(bytes, rest.pathAt, requestedEnd);
  rest.referrerEnd = findQuery(bytes, rest.referrerAt, referrerEnd);
  return true;
}

function findQuery(bytes: Uint8Array, start: number, end: number): number {
  for (let at = start; at < end; at += 1) if (bytes[at] === QUESTION) return at;
  return end;
}
