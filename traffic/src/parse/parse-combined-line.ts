import type { AccessRecord } from '../access-record.ts';
import { UNREADABLE_RECORD } from './parse-flotilla-line.ts';
import { parseCommonTime } from './parse-log-time.ts';
import { parseRequestLine } from './parse-request-line.ts';
import { unescapeField } from './unescape.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SPACE = 0x20;
const DASH = 0x2d;
const OPEN = 0x5b;
const CLOSE = 0x5d;
/** `10/Oct/2000:13:55:36 -0700`. */
const TIME_LENGTH = 26;
const NUMBERS = /^ (\d{3}|-) (\d{1,15}|-)( )?$/;
/** ` 200 `, and a number of bytes. */
const MAX_NUMBERS_LENGTH = 24;

/** Where a field's first byte is, and behind its last one. */
type Span = readonly [from: number, to: number];

/**
 * Reads a line of nginx's and Apache's `combined`, or of `common`, which ends before the referrer; what stands behind the user
 * agent is left. Never throws: what is no such line has `isWellFormed` false.
 *
 * In what strangers write servers escape quotes. So the first quote is the request's, and the time is what stands right before
 * it, whatever the user's name imitates.
 * @param end of the line: its newline, or behind its last byte
 */
export function parseCombinedLine(bytes: Uint8Array, start: number, end: number): AccessRecord {
  const line = bytes.subarray(start, end);
  const before = readBefore(line);
  const requestEnd = before === null ? -1 : findQuote(line, before.requestAt);
  const after = requestEnd === -1 ? null : readAfter(line, requestEnd);
  if (before === null || after === null) return UNREADABLE_RECORD;
  const { timeMs, addressEnd, user, requestAt } = before;
  const { numbers, referrer, userAgent } = after;
  return {
    ...UNREADABLE_RECORD,
    ...parseRequestLine(unescapeField(line, requestAt, requestEnd)),
    timeMs,
    remoteAddress: unescapeField(line, 0, addressEnd),
    remoteUser: readField(line, user),
    status: toNumber(numbers[1]),
    bytes: toNumber(numbers[2]),
    referrer: readField(line, referrer),
    userAgent: readField(line, userAgent),
    isWellFormed: true,
  };
}

/** `address - user [time] "`. */
function readBefore(line: Uint8Array) {
  const addressEnd = line.indexOf(SPACE);
  if (addressEnd < 1) return null;
  // The identity that identd tells, a `-` nearly everywhere.
  const userAt = line.indexOf(SPACE, addressEnd + 1) + 1;
  if (userAt <= addressEnd + 2) return null;
  // Apache’s way to write a user without a name. Nobody can forge it: it has quotes.
  const isNameless = line[userAt] === QUOTE && line[userAt + 1] === QUOTE;
  const requestAt = findQuote(line, isNameless ? userAt + 2 : 0) + 1;
  const timeEnd = requestAt - 3;
  const timeAt = timeEnd - TIME_LENGTH;
  const userEnd = timeAt - 2;
  const isFramed =
    userEnd >= userAt &&
    line[userEnd] === SPACE &&
    line[timeAt - 1] === OPEN &&
    line[timeEnd] === CLOSE &&
    line[timeEnd + 1] === SPACE;
  const timeMs = isFramed ? parseCommonTime(toLatin(line, timeAt, timeEnd)) : null;
  if (timeMs === null || (isNameless && userEnd !== userAt + 2)) return null;
  const user: Span = isNameless ? [userAt, userAt] : [userAt, userEnd];
  return { addressEnd, user, timeMs, requestAt };
}

/** ` status bytes "referrer" "agent"`, and what may follow. */
function readAfter(line: Uint8Array, requestEnd: number) {
  const at = requestEnd + 1;
  const quoteAt = line.indexOf(QUOTE, at);
  const numbersEnd = quoteAt === -1 ? line.length : quoteAt;
  if (numbersEnd - at > MAX_NUMBERS_LENGTH) return null;
  const numbers = NUMBERS.exec(toLatin(line, at, numbersEnd));
  // Nothing behind the numbers is `common`; a blank alone is a torn line.
  if (numbers === null || (quoteAt === -1) !== (numbers[3] === undefined)) return null;
  if (quoteAt === -1) return { numbers, referrer: null, userAgent: null };
  const referrer: Span = [quoteAt + 1, findQuote(line, quoteAt + 1)];
  const agentAt = referrer[1] + 3;
  if (referrer[1] === -1 || line[agentAt - 2] !== SPACE || line[agentAt - 1] !== QUOTE) return null;
  const userAgent: Span = [agentAt, findQuote(line, agentAt)];
  // Two torn lines that became one have something else here.
  const isClosed = userAgent[1] !== -1 && (userAgent[1] + 1 === line.length || line[userAgent[1] + 1] === SPACE);
  return isClosed ? { numbers, referrer, userAgent } : null;
}

/** The next quote that is not escaped; -1 when there is none. */
function findQuote(line: Uint8Array, from: number): number {
  for (let at = line.indexOf(QUOTE, from); at !== -1; at = line.indexOf(QUOTE, at + 1)) {
    let slashes = 0;
    while (at - 1 - slashes >= from && line[at - 1 - slashes] === BACKSLASH) slashes += 1;
    if (slashes % 2 === 0) return at;
  }
  return -1;
}

function readField(line: Uint8Array, span: Span | null): string | null {
  if (span === null || (span[1] - span[0] === 1 && line[span[0]] === DASH)) return null;
  return unescapeField(line, ...span);
}

function toLatin(line: Uint8Array, from: number, to: number): string {
  return String.fromCharCode(...line.subarray(from, to));
}

function toNumber(text: string | undefined): number | null {
  return text === undefined || text === '-' ? null : Number(text);
}
