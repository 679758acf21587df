import { diffArrays } from 'diff';
import type { ServiceRevisionDiff } from '@flotilla/contracts';

/** The search's time grows with the square of the differences; past this many nobody reads them one by one. */
const MAX_DIFFERENCES = 1000;

/** The lines of two files in one order: what both have, what the first has alone, what the second has alone. */
export function planConfigDiff(before: string, after: string): ServiceRevisionDiff['config'] {
  const [old, young] = [linesOf(before), linesOf(after)];
  const changes = diffArrays(old, young, { maxEditLength: MAX_DIFFERENCES });
  if (changes === undefined) return [...label('removed', old), ...label('added', young)];
  return changes.flatMap(({ value, added, removed }) => label(added ? 'added' : removed ? 'removed' : 'same', value));
}

function label(kind: ServiceRevisionDiff['config'][number]['kind'], lines: readonly string[]) {
  return lines.map((text) => ({ kind, text }));
}

/** A line break at the end ends the last line; it begins no other. */
function linesOf(text: string): string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
}
