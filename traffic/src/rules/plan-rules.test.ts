import { describe, expect, it } from 'vitest';
import { planRules } from './plan-rules.ts';
import { shippedRules } from './shipped-rules.ts';

const own = {
  name: 'Ours',
  match: { of: 'suspicious', classes: ['xss'] },
  threshold: { bucket: { capacity: 3, leakPerSecond: 0.1 } },
  action: { kind: 'record' },
};
const OWN_ID = '0190a0b0-1111-7222-8333-444455556666';

describe('the rules in force', () => {
  it('are the shipped ones while nobody changed any', () => {
    expect(planRules([])).toEqual(shippedRules);
  });

  it('are those that were changed, in their place, and the operators’ own behind them', () => {
    const rules = planRules([
      { id: OWN_ID, settings: own },
      { id: 'crawling', settings: { ...own, isEnabled: false } },
    ]);
    expect(rules.map(({ id }) => id)).toEqual([...shippedRules.map(({ id }) => id), OWN_ID]);
    expect(rules.find(({ id }) => id === 'crawling')).toMatchObject({
      origin: 'shipped',
      isEnabled: false,
      name: 'Ours',
    });
    expect(rules.at(-1)).toMatchObject({ origin: 'own', name: 'Ours' });
  });

  it('leave out what cannot be read', () => {
    const broken = { ...own, match: { ...own.match, userAgentPattern: '(' } };
    const rules = planRules([
      { id: OWN_ID, settings: broken },
      { id: 'crawling', settings: { nonsense: true } },
    ]);
    expect(rules).toEqual(shippedRules);
  });
});
