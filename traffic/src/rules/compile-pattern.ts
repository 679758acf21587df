import type { RuleSettings } from '@flotilla/contracts';
import { RE2JS, RE2JSException } from 're2js';
import { BoundedMap } from './bounded-map.ts';

/** User agents whose answer is kept: most requests come with one of a few, and RE2 takes some microseconds for a new one. */
const MAX_KEPT = 2000;
/** As much as agents tell of. */
const MAX_AGENT_LENGTH = 256;

export type PatternReading =
  { readonly ok: true; readonly test: (text: string) => boolean } | { readonly ok: false; readonly message: string };

/** Makes a test of an RE2 pattern, found anywhere in a text, in time linear in the text whatever the pattern. */
export function compilePattern(pattern: string): PatternReading {
  const compiled = compile(pattern);
  if (typeof compiled === 'string') return { ok: false, message: compiled };
  const kept = new BoundedMap<string, boolean>(MAX_KEPT);
  const test = (text: string): boolean => {
    const known = kept.get(text);
    if (known !== undefined) return known;
    const isFound = compiled.test(text.slice(0, MAX_AGENT_LENGTH));
    kept.set(text, isFound);
    return isFound;
  };
  return { ok: true, test };
}

function compile(pattern: string): RE2JS | string {
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    return `is not a pattern of RE2: ${error.message}`;
  }
}

export interface RuleProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/**
 * What contracts cannot check, because they have no RE2: patterns that do not compile. The API asks after the schema has
 * taken a rule, and answers 400 with these fields; a file of rules is checked by it as well.
 */
export function findPatternProblems({ match }: Pick<RuleSettings, 'match'>): RuleProblem[] {
  if (match.of !== 'suspicious' || match.userAgentPattern === null) return [];
  const reading = compilePattern(match.userAgentPattern);
  return reading.ok ? [] : [{ path: ['match', 'userAgentPattern'], message: reading.message }];
}
