import type { LineReading } from './read-line.ts';

/** Controls that JSON leaves as they are, and what turns the direction of text around. */
const UNSAFE = /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** A reading as one line of JSON, which does nothing to a terminal. */
export function formatReading({ record, classes }: LineReading): string {
  const { timeMs } = record;
  const told = {
    remoteAddr: record.remoteAddress,
    remoteUser: record.remoteUser,
    time: timeMs === null ? null : new Date(timeMs).toISOString(),
    method: record.method,
    uri: record.uri,
    protocol: record.protocol,
    status: record.status,
    bytes: record.bytes,
    referrer: record.referrer,
    userAgent: record.userAgent,
    wellFormed: record.isWellFormed,
    classes,
  };
  return JSON.stringify(told).replaceAll(
    UNSAFE,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
