import type { AccessRecord } from '../access-record.ts';
import { parseCombinedLine } from './parse-combined-line.ts';
import { parseFlotillaLine } from './parse-flotilla-line.ts';
import { parseJsonLine } from './parse-json-line.ts';

const BLANK = 0x20;
const OPEN_BRACE = 0x7b;

export type LineParser = (bytes: Uint8Array, start: number, end: number) => AccessRecord;

/** What reads a line, by the format's name. None of them ever throws. */
export const lineParsers = {
  combined: parseCombinedLine,
  json: parseJsonLine,
  flotilla: parseFlotillaLine,
} as const satisfies Record<string, LineParser>;
export type LineFormat = keyof typeof lineParsers;

/** Which format a line is of, by the line itself; null when it is of none. */
export function recogniseFormat(bytes: Uint8Array, start: number, end: number): LineFormat | null {
  let at = start;
  while (at < end && (bytes[at] ?? 0) <= BLANK) at += 1;
  const candidates: readonly LineFormat[] = bytes[at] === OPEN_BRACE ? ['json'] : ['flotilla', 'combined'];
  return candidates.find((format) => lineParsers[format](bytes, start, end).isWellFormed) ?? null;
}
