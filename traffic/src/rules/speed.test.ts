import { suspicionClass } from '@flotilla/contracts';
import { createRandom } from '@flotilla/contracts/testing';
import { expect, it } from 'vitest';
import { RuleEngine } from './correlate-suspects.ts';
import type { Observation } from './observation.ts';
import { shippedRules } from './shipped-rules.ts';

const OBSERVATIONS = 200_000;

/** As agents tell: a client's volume, then what was suspicious of it. */
function buildObservations(): Observation[] {
  const random = createRandom(3);
  return Array.from({ length: OBSERVATIONS }, (_, index): Observation => {
    const client = `203.0.${random.between(0, 99)}.${random.between(0, 199)}`;
    const from = { timeMs: 1_780_000_000_000 + index, nodeId: `node-${random.between(1, 5)}`, client };
    if (index % 2 === 0) {
      const volume = { count: 10, ordinary: 3, isFast: index % 10 === 0, isSketch: false, hasFetchedChallenge: false };
      return { of: 'volume', ...from, ...volume, pageHashes: [random.between(0, 1e9), random.between(0, 1e9)] };
    }
    const [first = 'xss', ...others] = suspicionClass.options.filter((name) => name !== 'rate');
    return {
      of: 'suspicious',
      ...from,
      serviceId: `service-${random.between(1, 50)}`,
      classes: [random.pick(first, ...others)],
      method: random.pick('GET', 'POST'),
      path: `/path/${random.between(0, 500)}`,
      status: random.pick(200, 401, 403, 404),
      userAgent: random.pick('curl/8', 'Mozilla/5.0', 'sqlmap/1.8'),
      count: 1,
      sample: null,
    };
  });
}

it('all shipped rules together take well over a hundred thousand observations a second', () => {
  const observations = buildObservations();
  const engine = new RuleEngine(shippedRules);
  let decisions = 0;
  const startedAt = performance.now();
  for (const observation of observations) decisions += engine.observe(observation).length;
  const perSecond = Math.round((OBSERVATIONS / (performance.now() - startedAt)) * 1000);
  process.stdout.write(`${perSecond} observations a second, ${decisions} decisions\n`);
  expect(decisions).toBeGreaterThan(100);
  // On a machine that does four other things: what would be caught is an order of magnitude.
  expect(perSecond).toBeGreaterThan(25_000);
}, 60_000);
