import { BadRequest } from '../http/index.ts';

/** Lines of one answer. With 500 points of min, avg and max each, these are some megabytes of JSON. */
const MAX_LINES = 200;

/**
 * Each of `subjects` (nodes, containers) gives a line for each of `metrics`.
 * @throws BadRequest that names the field to shorten
 */
export function assertBoundedLines(subjects: number, metrics: readonly string[]): void {
  const lines = subjects * metrics.length;
  if (lines <= MAX_LINES) return;
  const message = `gives ${lines} lines, of at most ${MAX_LINES}; send at most ${Math.floor(MAX_LINES / subjects)} for ${subjects} nodes or containers, or fewer of those`;
  throw new BadRequest(`metrics: ${message}`, [{ field: 'metrics', message }]);
}
