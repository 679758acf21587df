/** `"`: see agent/src/nginx/blocks/access-log.ts, which writes these lines. */
const SEPARATOR = 0x22;
const DASH = 0x2d;
const DOT = 0x2e;
const SPACE = 0x20;
const COMMA = 0x2c;
const COLON = 0x3a;
const ZERO = 0x30;
const SERVICE_ID_LENGTH = 36;
/** `1780000000.123`, until the year 2286. */
const SECONDS_LENGTH = 10;
const TIME_LENGTH = 14;
const STATUS_LENGTH = 3;
const DECIMALS = 3;
/** Of seconds that a request took: 30 years. */
const MAX_DIGITS = 9;

/** What is counted of a line. One is made and used for all of them: a line that only counts leaves nothing to collect. */
export interface LineHead {
  /** When the answer had been sent, in milliseconds since the epoch by the host's clock. */
  timeMs: number;
  /** Where the service's id begins; -1 for a request that reached no site. */
  serviceAt: number;
  status: number;
  /** From the request's first byte to the last one of the answer. */
  requestMs: number;
  /** Together, at all servers that nginx asked; -1 when it asked none. */
  upstreamMs: number;
  /** Of the answer's body. */
  bytesSent: number;
  /** Where the client's address begins. It ends with the next `"`. */
  clientAt: number;
}

export function createLineHead(): LineHead {
  return { timeMs: 0, serviceAt: -1, status: 0, requestMs: 0, upstreamMs: -1, bytesSent: 0, clientAt: 0 };
}

/**
 * Reads what stands first in a line: `time"service"status"seconds"seconds upstream"upstream"…`. Strict, so that a line of
 * another format, or two torn ones that became one, is refused and not counted as something. Written for an interpreter: the
 * agent runs without V8's compilers, and calls are what costs there.
 * @param start of the line
 * @param end of the line: its newline
 * @param head gets the values; of no meaning when the line is refused
 * @returns whether it is a line of ours
 */
export function parseLineHead(bytes: Uint8Array, start: number, end: number, head: LineHead): boolean {
  const statusEnd = readFixedPart(bytes, start, head);
  if (statusEnd === -1) return false;
  const requestEnd = skipSeconds(bytes, statusEnd + 1);
  if (requestEnd === -1 || bytes[requestEnd] !== SEPARATOR) return false;
  head.requestMs = readMilliseconds(bytes, statusEnd + 1, requestEnd);
  const upstreamEnd = readUpstreamSeconds(bytes, requestEnd + 1, head);
  if (upstreamEnd === -1) return false;
  const addressAt = upstreamEnd + 1;
  if (bytes[addressAt] === DASH && bytes[addressAt + 1] === SEPARATOR) head.upstreamMs = -1;
  const addressEnd = bytes.indexOf(SEPARATOR, addressAt);
  // The bytes sent: with them a line that was cut within the address and goes on with another one is told apart.
  const sentEnd = addressEnd === -1 ? -1 : skipDigits(bytes, addressEnd + 1);
  if (sentEnd <= addressEnd + 1 || sentEnd >= end || bytes[sentEnd] !== SEPARATOR) return false;
  head.bytesSent = readNumber(bytes, addressEnd + 1, sentEnd);
  head.clientAt = sentEnd + 1;
  return true;
}

/** Time, service, status. @returns where the status ends; -1 when it is no line of ours */
function readFixedPart(bytes: Uint8Array, start: number, head: LineHead): number {
  const secondsEnd = start + SECONDS_LENGTH;
  const timeEnd = start + TIME_LENGTH;
  if (bytes[secondsEnd] !== DOT || bytes[timeEnd] !== SEPARATOR) return -1;
  if (skipDigits(bytes, start) !== secondsEnd || skipDigits(bytes, secondsEnd + 1) !== timeEnd) return -1;
  head.timeMs = readNumber(bytes, start, secondsEnd) * 1000 + readNumber(bytes, secondsEnd + 1, timeEnd);

  const serviceAt = start + TIME_LENGTH + 1;
  const isNone = bytes[serviceAt] === DASH && bytes[serviceAt + 1] === SEPARATOR;
  head.serviceAt = isNone ? -1 : serviceAt;
  const serviceEnd = isNone ? serviceAt + 1 : serviceAt + SERVICE_ID_LENGTH;
  // The first one: an id that was torn, and went on with another line, has one within.
  if (bytes.indexOf(SEPARATOR, serviceAt) !== serviceEnd) return -1;

  const statusEnd = serviceEnd + 1 + STATUS_LENGTH;
  if (bytes[statusEnd] !== SEPARATOR || skipDigits(bytes, serviceEnd + 1) !== statusEnd) return -1;
  head.status = readNumber(bytes, serviceEnd + 1, statusEnd);
  return statusEnd;
}

/** `0.012`, `-`, or one for each server that was asked: `0.000, 0.012`, after an internal redirect `0.012 : -`. */
function readUpstreamSeconds(bytes: Uint8Array, start: number, head: LineHead): number {
  let at = start;
  head.upstreamMs = 0;
  for (;;) {
    if (bytes[at] === DASH) at += 1;
    else {
      const end = skipSeconds(bytes, at);
      if (end === -1) return -1;
      head.upstreamMs += readMilliseconds(bytes, at, end);
      at = end;
    }
    if (bytes[at] === SEPARATOR) return at;
    if (bytes[at] === COMMA && bytes[at + 1] === SPACE) at += 2;
    else if (bytes[at] === SPACE && bytes[at + 1] === COLON && bytes[at + 2] === SPACE) at += 3;
    else return -1;
  }
}

/** @returns where a number with three decimals ends; -1 when there is none */
function skipSeconds(bytes: Uint8Array, start: number): number {
  const point = skipDigits(bytes, start);
  if (point === start || point - start > MAX_DIGITS || bytes[point] !== DOT) return -1;
  const end = skipDigits(bytes, point + 1);
  return end === point + 1 + DECIMALS ? end : -1;
}

/** @param end of what is known to be seconds */
function readMilliseconds(bytes: Uint8Array, start: number, end: number): number {
  const point = end - DECIMALS - 1;
  return readNumber(bytes, start, point) * 1000 + readNumber(bytes, point + 1, end);
}

/** @param end of what is known to be digits */
function readNumber(bytes: Uint8Array, start: number, end: number): number {
  let value = 0;
  for (let at = start; at < end; at += 1) value = value * 10 + (bytes[at] ?? 0) - ZERO;
  return value;
}

function skipDigits(bytes: Uint8Array, start: number): number {
  let at = start;
  for (;;) {
    const digit = (bytes[at] ?? 0) - ZERO;
    if (digit < 0 || digit > 9) return at;
    at += 1;
  }
}
