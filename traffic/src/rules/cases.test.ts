import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { suspicionClass } from '@flotilla/contracts';
import { describe, expect, it } from 'vitest';
import { RuleEngine } from './correlate-suspects.ts';
import { observationsOfRequest } from './observations-of-request.ts';
import { shippedRules } from './shipped-rules.ts';
import { expandRequests, wordOf, type RuleCase } from './testing/rule-case.ts';

const folder = new URL('cases/', import.meta.url);

function readCases(ruleId: string): RuleCase[] {
  const file = new URL(`${ruleId}.jsonl`, folder);
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as RuleCase);
}

function decide({ requests }: RuleCase, rules = shippedRules): string[] {
  const engine = new RuleEngine(rules);
  const observations = expandRequests(requests).flatMap((request) => observationsOfRequest(request));
  return observations.flatMap((observation) => engine.observe(observation)).map((decision) => wordOf(decision));
}

describe.each(shippedRules.map((rule) => ({ rule, cases: readCases(rule.id) })))('$rule.id', ({ rule, cases }) => {
  it('has cases of those whom it bans, and of those whom it must not', () => {
    const isPositive = ({ expect: expected }: RuleCase) =>
      expected.some((word) => word.startsWith(`${rule.id} banned `));
    expect(cases.filter((found) => isPositive(found)).length).toBeGreaterThanOrEqual(3);
    expect(cases.filter(({ expect: expected }) => expected.length === 0).length).toBeGreaterThanOrEqual(4);
    const classes = cases.flatMap(({ requests }) => requests.flatMap((request) => request.classes));
    expect(classes.filter((name) => !suspicionClass.options.includes(name))).toEqual([]);
  });

  it.each(cases)('$case', (ruleCase) => expect(decide(ruleCase)).toEqual(ruleCase.expect));

  it('is what finds them: without it, none of its own is found', () => {
    const others = shippedRules.filter(({ id }) => id !== rule.id);
    const found = cases.flatMap((ruleCase) => decide(ruleCase, others));
    expect(found.filter((word) => word.startsWith(`${rule.id} `))).toEqual([]);
    expect(cases.flatMap(({ expect: expected }) => expected).length).toBeGreaterThan(found.length / 2);
  });
});

it('has no cases without a rule', () => {
  const named = readdirSync(folder).map((file) => file.replace('.jsonl', ''));
  expect(named.toSorted()).toEqual(shippedRules.map(({ id }) => id).toSorted());
});
