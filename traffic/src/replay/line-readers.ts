import { decideClasses } from '../classify/decide-classes.ts';
import { lineParsers } from '../parse/line-parsers.ts';
import type { LineReader } from './logged-request.ts';

/** By the names that `--format` may have. */
export const lineReaders: ReadonlyMap<string, LineReader> = new Map(
  Object.entries(lineParsers).map(([format, parse]) => [format, { parse, classify: decideClasses }]),
);
