import { rule, ruleSettings, type Rule } from '@flotilla/contracts';
import { findPatternProblems } from './compile-pattern.ts';
import { shippedRules } from './shipped-rules.ts';

/** A rule as it is stored: of a shipped one what somebody has changed it to, or one of their own. */
export interface StoredRule {
  readonly id: string;
  readonly settings: unknown;
}

export function isShippedRule(id: string): boolean {
  return shippedRules.some((shipped) => shipped.id === id);
}

/**
 * The rules that are in force: the shipped ones, as they are or as they were changed, then the operators' own. What cannot be
 * read (an older version had stored it) is as if it were not there: a shipped rule is then as it was shipped.
 */
export function planRules(stored: readonly StoredRule[]): Rule[] {
  const changed = new Map(stored.map(({ id, settings }) => [id, settings]));
  const shipped = shippedRules.map((one) => readRule(one.id, changed.get(one.id), 'shipped') ?? one);
  const own = stored.filter(({ id }) => !isShippedRule(id)).map(({ id, settings }) => readRule(id, settings, 'own'));
  return [...shipped, ...own.filter((one) => one !== null)];
}

function readRule(id: string, settings: unknown, origin: Rule['origin']): Rule | null {
  const reading = ruleSettings.safeParse(settings);
  if (!reading.success || findPatternProblems(reading.data).length > 0) return null;
  return rule.safeParse({ ...reading.data, id, origin }).data ?? null;
}
