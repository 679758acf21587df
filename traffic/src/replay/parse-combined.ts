import type { AccessRecord } from '../access-record.ts';
import { unescapeField } from './unescape-field.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SPACE = 0x20;
/** `[10/Oct/2000:13:55:36 -0700] `, right before the request. */
const TIME_LENGTH = 29;
const TIME = /^\[(\d{2})\/([A-Z][a-z]{2})\/(\d{4}):(\d{2}):(\d{2}):(\d{2}) ([+-])(\d{2})(\d{2})\] $/;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const NUMBERS = /^ (\d{3}) (\d+|-) $/;
const REQUEST = /^([A-Za-z]{1,20}) (.*?)(?: (HTTP\/\d(?:\.\d)?))?$/s;

const EMPTY: AccessRecord = {
  timeMs: null,
  remoteAddress: null,
  remoteUser: null,
  serviceId: null,
  method: null,
  uri: null,
  protocol: null,
  status: null,
  bytes: null,
  requestMs: null,
  upstreamMs: null,
  upstream: null,
  referrer: null,
  userAgent: null,
  requestId: null,
  isWellFormed: false,
};

/**
 * Reads a line of nginx's and Apache's `combined`. Servers escape quotes in what strangers write, so the first quote is the
 * request's, and the time is what stands right before it, whatever the user's name imitates.
 */
export function parseCombined(bytes: Uint8Array, start: number, end: number): AccessRecord {
  const line = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start);
  const requestAt = line.indexOf(QUOTE) + 1;
  const timeAt = requestAt - 1 - TIME_LENGTH;
  const requestEnd = findQuote(line, requestAt);
  const referrerAt = requestEnd === -1 ? -1 : line.indexOf(QUOTE, requestEnd + 1) + 1;
  const referrerEnd = referrerAt <= 0 ? -1 : findQuote(line, referrerAt);
  const agentAt = referrerEnd + 3;
  const agentEnd = referrerEnd === -1 ? -1 : findQuote(line, agentAt);
  if (timeAt < 0 || agentEnd === -1 || line[agentAt - 1] !== QUOTE) return EMPTY;
  const numbers = NUMBERS.exec(line.toString('latin1', requestEnd + 1, referrerAt - 1));
  const timeMs = parseTime(line.toString('latin1', timeAt, requestAt - 1));
  const addressEnd = line.indexOf(SPACE);
  if (numbers === null || timeMs === null || addressEnd >= timeAt) return EMPTY;
  return {
    ...EMPTY,
    ...parseRequest(unescapeField(line, requestAt, requestEnd)),
    timeMs,
    remoteAddress: line.toString('latin1', 0, addressEnd),
    // Behind the address and `- `, until the space before the time.
    remoteUser: unescapeField(line, addressEnd + 3, timeAt - 1),
    status: Number(numbers[1]),
    bytes: numbers[2] === '-' ? null : Number(numbers[2]),
    referrer: unescapeField(line, referrerAt, referrerEnd),
    userAgent: unescapeField(line, agentAt, agentEnd),
    isWellFormed: true,
  };
}

/** The next quote that is not escaped; -1 when there is none. */
function findQuote(line: Buffer, from: number): number {
  for (let at = line.indexOf(QUOTE, from); at !== -1; at = line.indexOf(QUOTE, at + 1)) {
    let slashes = 0;
    while (line[at - 1 - slashes] === BACKSLASH) slashes += 1;
    if (slashes % 2 === 0) return at;
  }
  return -1;
}

function parseTime(text: string): number | null {
  const [, day, month = '', year, hours, minutes, seconds, sign, offsetHours, offsetMinutes] = TIME.exec(text) ?? [];
  const monthIndex = MONTHS.indexOf(month);
  if (monthIndex === -1) return null;
  const local = Date.UTC(Number(year), monthIndex, Number(day), Number(hours), Number(minutes), Number(seconds));
  const offsetMs = (Number(offsetHours) * 60 + Number(offsetMinutes)) * 60_000;
  return local - (sign === '-' ? -offsetMs : offsetMs);
}

function parseRequest(request: string | null): Pick<AccessRecord, 'method' | 'uri' | 'protocol'> {
  const [, method, uri, protocol] = REQUEST.exec(request ?? '') ?? [];
  if (method === undefined || uri === undefined) return { method: null, uri: null, protocol: null };
  return { method, uri, protocol: protocol ?? null };
}
