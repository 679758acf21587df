import { chooseClasses } from './choose-classes.ts';
import type { LineReader } from './logged-request.ts';
import { parseCombined } from './parse-combined.ts';

/** By the names that `--format` may have. */
export const lineReaders: ReadonlyMap<string, LineReader> = new Map([
  ['combined', { parse: parseCombined, classify: chooseClasses }],
]);
