import { decideClasses } from '../classify/decide-classes.ts';
import { parseCombinedLine } from '../parse/parse-combined-line.ts';
import { parseFlotillaLine } from '../parse/parse-flotilla-line.ts';
import { parseJsonLine } from '../parse/parse-json-line.ts';
import type { LineReader } from './logged-request.ts';

/** By the names that `--format` may have. */
export const lineReaders: ReadonlyMap<string, LineReader> = new Map([
  ['combined', { parse: parseCombinedLine, classify: decideClasses }],
  ['json', { parse: parseJsonLine, classify: decideClasses }],
  ['flotilla', { parse: parseFlotillaLine, classify: decideClasses }],
]);
