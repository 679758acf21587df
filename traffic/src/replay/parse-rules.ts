import { rule, type Rule } from '@flotilla/contracts';
import { findPatternProblems } from '../rules/compile-pattern.ts';
import { escapeControl } from '../rules/escape-control.ts';

export type RulesReading =
  { readonly ok: true; readonly rules: readonly Rule[] } | { readonly ok: false; readonly problems: readonly string[] };

/** Reads a file of rules: a JSON array. A rule needs no id of its own, and each problem names its rule and field. */
export function parseRules(text: string): RulesReading {
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch (error) {
    return { ok: false, problems: [`is not JSON: ${error instanceof Error ? error.message : String(error)}`] };
  }
  if (!Array.isArray(found)) return { ok: false, problems: ['is not a list of rules: begin it with ['] };
  const rules: Rule[] = [];
  const problems: string[] = [];
  for (const [index, draft] of found.entries()) {
    const parsed = rule.safeParse(withDefaults(draft, index));
    const issues = parsed.success ? findPatternProblems(parsed.data) : parsed.error.issues;
    const name = nameOf(draft, index);
    problems.push(...issues.map(({ path, message }) => `${name}, field ${path.join('.') || 'itself'}: ${message}`));
    if (parsed.success && issues.length === 0) rules.push(parsed.data);
  }
  const repeated = rules.find(({ id }, index) => rules.some((other, at) => at < index && other.id === id));
  if (repeated !== undefined) problems.push(`has two rules with the id ${repeated.id}`);
  return problems.length === 0
    ? { ok: true, rules }
    : { ok: false, problems: problems.map((each) => escapeControl(each)) };
}

function withDefaults(draft: unknown, index: number): unknown {
  if (typeof draft !== 'object' || draft === null) return draft;
  return { id: `rule-${index + 1}`, origin: 'own', ...draft };
}

function nameOf(draft: unknown, index: number): string {
  const name = typeof draft === 'object' && draft !== null && 'name' in draft ? draft.name : null;
  return typeof name === 'string' ? `rule ${index + 1} (${name})` : `rule ${index + 1}`;
}
