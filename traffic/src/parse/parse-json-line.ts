import type { AccessRecord } from '../access-record.ts';
import { findJsonFields, type JsonSpan } from './json-fields.ts';
import { UNREADABLE_RECORD } from './parse-flotilla-line.ts';
import { parseAnyTime } from './parse-log-time.ts';
import { parseRequestLine } from './parse-request-line.ts';
import { unescapeJson } from './unescape-json.ts';

/** The names that logs give to a field. Of several that are there the first one with a value is taken. */
const KEYS = {
  time: ['msec', 'time_iso8601', '@timestamp', 'timestamp', 'time', 'time_local', 'ts'],
  address: ['remote_addr', 'remote_address', 'client_ip', 'clientip', 'client', 'remote_ip'],
  user: ['remote_user', 'user'],
  request: ['request', 'request_line'],
  method: ['request_method', 'method'],
  uri: ['request_uri', 'uri', 'url', 'path'],
  query: ['args', 'query_string'],
  protocol: ['server_protocol', 'protocol'],
  status: ['status', 'response_status', 'status_code'],
  bytes: ['body_bytes_sent', 'bytes', 'bytes_sent'],
  requestSeconds: ['request_time'],
  upstreamSeconds: ['upstream_response_time'],
  upstream: ['upstream_addr'],
  referrer: ['http_referer', 'http_referrer', 'referer', 'referrer'],
  userAgent: ['http_user_agent', 'user_agent', 'agent'],
  requestId: ['request_id'],
} as const;
type Field = keyof typeof KEYS;

const KEYS_BY_LENGTH = groupByLength(Object.values(KEYS).flat());
const STATUS = /^\d{3}$/;
const BYTES = /^\d{1,15}$/;
const SECONDS = /^\d{1,9}(?:\.\d{1,9})?$/;
const SECOND_MS = 1000;
/** As an upstream's time at most: of some hundred servers. */
const MAX_SECONDS_LENGTH = 4096;

/**
 * Reads a line of JSON as nginx writes it (`escape=json`), with the key names that are usual. An empty value is none, as `-` is.
 * Never throws: what is no such object, or has no time, address, request and status, has `isWellFormed` false.
 * @param end of the line: its newline, or behind its last byte
 */
export function parseJsonLine(bytes: Uint8Array, start: number, end: number): AccessRecord {
  const line = bytes.subarray(start, end);
  const spans = findJsonFields(line, KEYS_BY_LENGTH);
  if (spans === null) return UNREADABLE_RECORD;
  const field = (name: Field): string | null => readFirst(line, spans, KEYS[name]);
  const timeMs = parseAnyTime(field('time') ?? '');
  const remoteAddress = field('address');
  const status = field('status') ?? '';
  const hasRequest = [...KEYS.request, ...KEYS.uri].some((key) => spans.has(key));
  if (timeMs === null || remoteAddress === null || !STATUS.test(status) || !hasRequest) return UNREADABLE_RECORD;
  const sentBytes = field('bytes') ?? '';
  return {
    ...UNREADABLE_RECORD,
    ...readRequest(field),
    timeMs,
    remoteAddress,
    remoteUser: field('user'),
    status: Number(status),
    bytes: BYTES.test(sentBytes) ? Number(sentBytes) : null,
    requestMs: sumMs(field('requestSeconds')),
    upstreamMs: sumMs(field('upstreamSeconds')),
    upstream: field('upstream'),
    referrer: field('referrer'),
    userAgent: field('userAgent'),
    requestId: field('requestId'),
    isWellFormed: true,
  };
}

/** By its parts, where nginx could read them; by its line else. */
function readRequest(field: (name: Field) => string | null): Pick<AccessRecord, 'method' | 'uri' | 'protocol'> {
  const [method, uri] = [field('method'), field('uri')];
  if (method === null || uri === null) return parseRequestLine(field('request') ?? '');
  const query = field('query');
  const whole = query === null || uri.includes('?') ? uri : `${uri}?${query}`;
  // What nginx calls the protocol of HTTP/0.9, which has none.
  const protocol = field('protocol') ?? parseRequestLine(field('request') ?? '').protocol;
  return { method, uri: whole, protocol: protocol === 'HTTP/0.9' ? null : protocol };
}

function readFirst(line: Uint8Array, spans: ReadonlyMap<string, JsonSpan>, keys: readonly string[]): string | null {
  for (const key of keys) {
    const span = spans.get(key);
    if (span === undefined) continue;
    const text = unescapeJson(line, span.from, span.to);
    if (text !== '' && text !== '-' && (span.isString || text !== 'null')) return text;
  }
  return null;
}

/** `0.012`, or one for each server that was asked: `0.000, 0.012 : -`. Null when it has no number. */
function sumMs(text: string | null): number | null {
  if (text === null || text.length > MAX_SECONDS_LENGTH) return null;
  const seconds = text.split(/[ ,:]+/).filter((part) => SECONDS.test(part));
  return seconds.length === 0 ? null : Math.round(seconds.reduce((sum, part) => sum + Number(part), 0) * SECOND_MS);
}

function groupByLength(keys: readonly string[]): Map<number, (readonly [key: Uint8Array, name: string])[]> {
  const encoder = new TextEncoder();
  const groups = new Map<number, (readonly [key: Uint8Array, name: string])[]>();
  for (const key of keys) groups.set(key.length, [...(groups.get(key.length) ?? []), [encoder.encode(key), key]]);
  return groups;
}
