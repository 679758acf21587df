import type { AccessRecord } from '../access-record.ts';
import { createLineHead, parseLineHead } from './parse-line-head.ts';
import { unescapeField } from './unescape.ts';

const SEPARATOR = 0x22;
const DASH = 0x2d;
/** See agent/src/nginx/blocks/access-log.ts. */
const FIELDS = 14;
const SERVICE_ID_LENGTH = 36;
const SECOND_MS = 1000;

/** A line that is not what it should be: nothing in it is to be believed. */
export const UNREADABLE_RECORD: AccessRecord = {
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
 * Reads a line of the agent's own format, all of it. Never throws: what is no such line has `isWellFormed` false.
 * @param end of the line: its newline, or behind its last byte
 */
export function parseFlotillaLine(bytes: Uint8Array, start: number, end: number): AccessRecord {
  // What reads beyond the end would read into the next line.
  const line = bytes.subarray(start, end);
  const head = createLineHead();
  const borders = findBorders(line);
  if (borders === null || !parseLineHead(line, 0, line.length, head)) return UNREADABLE_RECORD;
  const field = (index: number): string | null => {
    const from = (borders[index] ?? 0) + 1;
    const to = borders[index + 1] ?? line.length;
    return to === from || (to - from === 1 && line[from] === DASH) ? null : unescapeField(line, from, to);
  };
  const remoteAddress = field(7);
  if (remoteAddress === null) return UNREADABLE_RECORD;
  const requested = field(11);
  // Neither is there without the other: not in what nginx could read.
  const method = requested === null ? null : field(9);
  return {
    timeMs: head.timeMs,
    remoteAddress,
    remoteUser: null,
    serviceId: head.serviceAt === -1 ? null : unescapeField(line, head.serviceAt, head.serviceAt + SERVICE_ID_LENGTH),
    method,
    // Without a method it is what came in a request's place.
    uri: method === null ? null : requested,
    protocol: method === null ? null : field(10),
    status: head.status,
    bytes: readNumber(field(6)),
    requestMs: toMs(readNumber(field(3))),
    upstreamMs: head.upstreamMs === -1 ? null : head.upstreamMs,
    upstream: field(5),
    referrer: field(12),
    userAgent: field(13),
    requestId: field(8),
    isWellFormed: true,
  };
}

/** Where the fields begin, less one; null when there are more or fewer. */
function findBorders(line: Uint8Array): number[] | null {
  const borders = [-1];
  for (let at = line.indexOf(SEPARATOR); at !== -1; at = line.indexOf(SEPARATOR, at + 1)) {
    if (borders.length === FIELDS) return null;
    borders.push(at);
  }
  return borders.length === FIELDS ? borders : null;
}

function readNumber(text: string | null): number | null {
  return text === null || !/^\d{1,15}(\.\d{1,6})?$/.test(text) ? null : Number(text);
}

function toMs(seconds: number | null): number | null {
  return seconds === null ? null : Math.round(seconds * SECOND_MS);
}
