import { describe, expect, it } from 'vitest';
import { chooseScope, decideOutcome, GUARD_DEFAULTS } from './decide-outcome.ts';
import { shippedRules } from './shipped-rules.ts';

const rule = shippedRules.find(({ id }) => id === 'injection');
const decide = (change: { prefixBits?: number | null; bansInLastMinute?: number }, guards = {}) => {
  if (rule === undefined) throw new Error('there is no such rule');
  const situation = { rule, exemption: null, prefixBits: 32, bansInLastMinute: 0, totals: null };
  const toll = { ordinaryRequests: 0, clients: 1 };
  return decideOutcome({ ...situation, toll, ...change }, { ...GUARD_DEFAULTS, ...guards }).outcome;
};

describe('what becomes of a rule that has seen enough', () => {
  it.each([
    ['an address', {}, {}, 'banned'],
    ['a network as wide as it may be', { prefixBits: 24 }, {}, 'banned'],
    ['a network that is wider than it may be', { prefixBits: 24 }, { widestRulePrefix: 25 }, 'held'],
    ['an address where nothing wider is banned', {}, { widestRulePrefix: 32 }, 'banned'],
    ['a client of IPv6', { prefixBits: null }, { widestRulePrefix: 32 }, 'banned'],
    ['one of as many as may be in a minute', { bansInLastMinute: 299 }, {}, 'banned'],
    ['one more than may be', { bansInLastMinute: 300 }, {}, 'capped'],
    ['one more than operators have set', { bansInLastMinute: 5 }, { maxBansPerMinute: 5 }, 'capped'],
  ])('%s', (_, change, guards, outcome) => expect(decide(change, guards)).toBe(outcome));
});

describe('where a ban takes hold', () => {
  it.each([
    [1, 2, 'node'],
    [2, 2, 'fleet'],
    [2, 3, 'node'],
    [3, 3, 'fleet'],
  ])('with %d witnesses where %d are needed: the %s', (witnesses, leastWitnesses, kind) => {
    const evidence = { nodeId: 'a', serviceId: null, witnesses, leastWitnesses, chiefNode: 'a' };
    expect(chooseScope('fleet', evidence).scope.kind).toBe(kind);
  });
});
