import type { SuspicionClass } from '@flotilla/contracts';
import type { AccessRecord } from '../access-record.ts';
import { decideClasses } from '../classify/decide-classes.ts';
import { lineParsers, recogniseFormat, type LineFormat } from '../parse/line-parsers.ts';
import { UNREADABLE_RECORD } from '../parse/parse-flotilla-line.ts';

/** How a line is read. */
export interface LineReading {
  /** Null when nobody said which one it is, and the line is of none. */
  readonly format: LineFormat | null;
  readonly record: AccessRecord;
  readonly classes: readonly SuspicionClass[];
}

/** @param line null for one that is too long to be kept */
export function readLine(line: Uint8Array | null, wanted: LineFormat | 'auto'): LineReading {
  if (line === null) return { format: wanted === 'auto' ? null : wanted, record: UNREADABLE_RECORD, classes: [] };
  const format = wanted === 'auto' ? recogniseFormat(line, 0, line.length) : wanted;
  const record = format === null ? UNREADABLE_RECORD : lineParsers[format](line, 0, line.length);
  return { format, record, classes: decideClasses(record) };
}
