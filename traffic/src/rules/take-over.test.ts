import { createRandom } from '@flotilla/contracts/testing';
import { expect, it } from 'vitest';
import { RuleEngine } from './correlate-suspects.ts';
import { observationsOfRequest, type ObservedRequest } from './observations-of-request.ts';
import type { RuleDecision } from './rule-decision.ts';
import { shippedRules } from './shipped-rules.ts';
import { buildRequest } from './testing/rule-case.ts';

const ATTACKERS = 30;

/** Twenty minutes, in which attackers of three kinds come and go. */
function buildAttack(): ObservedRequest[] {
  const random = createRandom(11);
  return Array.from({ length: ATTACKERS }, (_, attacker) => {
    const [from, client, service] = [random.between(0, 1100), `203.0.113.${attacker}`, `s${random.between(1, 9)}`];
    const kinds = [
      { times: 4, everyMs: 20_000, path: '/secret-{n}', status: 404, classes: ['sensitive_path'] },
      {
        times: 14,
        everyMs: 2000,
        path: '/login',
        method: 'POST',
        status: 401,
        classes: ['login_attempt', 'auth_failure'],
      },
      { times: 10, everyMs: 5000, path: '/wp-login.php', method: 'POST', service: 's{n}', classes: ['login_attempt'] },
    ] as const;
    const kind = kinds[attacker % kinds.length] ?? kinds[0];
    const draft = { service, ...kind, at: from, client, node: '{n%2:a,b}' };
    return Array.from({ length: kind.times }, (__, index) => buildRequest(draft, index));
  })
    .flat()
    .toSorted((one, other) => one.timeMs - other.timeMs);
}

function observe(engine: RuleEngine, requests: readonly ObservedRequest[]): RuleDecision[] {
  const observations = requests.flatMap((request) => observationsOfRequest(request));
  return observations.flatMap((each) => [...engine.observe(each)]).filter(({ outcome }) => outcome === 'banned');
}

/** A second worker, that finds the stream and the bans that the first one has stored. */
function takeOver(requests: readonly ObservedRequest[], at: number, stored: readonly RuleDecision[]): RuleDecision[] {
  const successor = new RuleEngine(shippedRules);
  for (const { ruleId, group, scope, isNarrowed, timeMs, durationMs, offence } of stored) {
    if (scope === null || durationMs === null) continue;
    successor.noteBan({ ruleId, target: group, scope, isNarrowed, untilMs: timeMs + durationMs }, offence, timeMs);
  }
  const fromMs = (requests[at]?.timeMs ?? 0) - successor.memoryMs;
  return observe(
    successor,
    requests.filter(({ timeMs }) => timeMs >= fromMs),
  );
}

const wordsOf = (decisions: readonly RuleDecision[]) =>
  decisions.map(({ ruleId, group }) => `${ruleId} ${group}`).toSorted();

it('a worker that is killed anywhere leaves each ban to be made once', () => {
  const requests = buildAttack();
  const whole = wordsOf(observe(new RuleEngine(shippedRules), requests));
  expect(whole).toHaveLength(ATTACKERS);
  for (let at = 0; at < requests.length; at += 13) {
    const stored = observe(new RuleEngine(shippedRules), requests.slice(0, at));
    expect(wordsOf([...stored, ...takeOver(requests, at, stored)]), `killed before request ${at}`).toEqual(whole);
    // Killed before the last ban was stored: it comes again, from the second one.
    const unstored = stored.slice(0, -1);
    expect(wordsOf([...unstored, ...takeOver(requests, at, unstored)]), `torn at ${at}`).toEqual(whole);
  }
});

it('would make them twice without the bans that are stored, and miss some without the stream that was', () => {
  const requests = buildAttack();
  const at = Math.floor(requests.length / 2);
  const stored = observe(new RuleEngine(shippedRules), requests.slice(0, at));
  expect(takeOver(requests, at, []).length + stored.length).toBeGreaterThan(ATTACKERS);
  expect(observe(new RuleEngine(shippedRules), requests.slice(at)).length + stored.length).toBeLessThan(ATTACKERS);
});
