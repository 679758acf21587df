import { rule, suspectsMessage, type Rule, type RuleDraft } from '@flotilla/contracts';
import { describe, expect, it } from 'vitest';
import { cidrOf } from '../addresses/cidr.ts';
import { RuleEngine, type RuleEngineOptions } from './correlate-suspects.ts';
import { GUARD_DEFAULTS } from './decide-outcome.ts';
import { observationsOfMessage } from './observations-of-message.ts';
import { observationsOfRequest, type ObservedRequest } from './observations-of-request.ts';
import type { RuleDecision } from './rule-decision.ts';
import { buildRequest, wordOf } from './testing/rule-case.ts';

const HOUR_S = 3600;
const CLIENT = '203.0.113.7';
const probe = { client: CLIENT, path: '/.env', status: 404, classes: ['sensitive_path'] } as const;

/** Three requests for sensitive paths ban for an hour. */
function buildRule(change: Partial<RuleDraft> = {}): Rule {
  return rule.parse({
    id: 'three',
    origin: 'own',
    name: 'Three',
    match: { of: 'suspicious', classes: ['sensitive_path'] },
    threshold: { bucket: { capacity: 3, leakPerSecond: 0.01 } },
    action: { kind: 'ban', durationMs: HOUR_S * 1000, reach: 'fleet' },
    ...change,
  });
}

function createEngine(change: Partial<RuleDraft> = {}, options: Partial<RuleEngineOptions> = {}): RuleEngine {
  return new RuleEngine([buildRule(change)], options);
}

function observe(engine: RuleEngine, requests: readonly ObservedRequest[]): RuleDecision[] {
  return requests.flatMap((request) =>
    observationsOfRequest(request).flatMap((observation) => [...engine.observe(observation)]),
  );
}

/** One request a second from `atS`, each at the node of its letter. */
function requestsAt(nodes: string, atS = 0, change: object = {}): ObservedRequest[] {
  return nodes.split('').map((node, index) => buildRequest({ ...probe, node, at: atS + index, ...change }));
}

/** @returns the decisions about such requests, in words */
function send(engine: RuleEngine, nodes: string, atS = 0, change: object = {}): string[] {
  return observe(engine, requestsAt(nodes, atS, change)).map((decision) => wordOf(decision));
}

describe('one ban', () => {
  it('comes once, however much goes on, and again when it has expired', () => {
    const engine = createEngine();
    expect(send(engine, 'ab'.repeat(100))).toEqual([`three banned ${CLIENT}/32 fleet`]);
    // The control: it goes on being counted as soon as the ban has ended, and no rule is needed more than once.
    expect(send(engine, 'ababab', 2 + HOUR_S)).toEqual([`three banned ${CLIENT}/32 fleet`]);
  });

  it('is not made a second time by another rule', () => {
    const rules = [buildRule(), buildRule({ id: 'four', threshold: { bucket: { capacity: 4, leakPerSecond: 0.01 } } })];
    expect(send(new RuleEngine(rules), 'ababababab')).toEqual([`three banned ${CLIENT}/32 fleet`]);
    expect(send(new RuleEngine(rules.slice(1)), 'ababababab')).toEqual([`four banned ${CLIENT}/32 fleet`]);
  });

  it('is the same from the same observations', () => {
    const decide = () => {
      const requests = requestsAt('aabbcc');
      return observe(createEngine(), requests);
    };
    expect(decide()).toEqual(decide());
    expect(decide()).toMatchObject([
      {
        key: 'three banned 203.0.113.7/32 fleet 1767258002000',
        figures: { requests: 3, services: 1, nodes: 2, paths: 1, spanMs: 2000 },
        durationMs: 3_600_000,
        offence: 1,
        isNarrowed: false,
        evidence: [
          '2026-01-01T09:00:00.000Z 203.0.113.7 "GET /.env" 404 "-" of shop at a',
          '2026-01-01T09:00:01.000Z 203.0.113.7 "GET /.env" 404 "-" of shop at a',
          '2026-01-01T09:00:02.000Z 203.0.113.7 "GET /.env" 404 "-" of shop at b',
        ],
      },
    ]);
  });

  it('comes in spite of lines that are a little out of order', () => {
    const requests = [2, 0, 1].map((at) => buildRequest({ ...probe, node: at === 0 ? 'a' : 'b', at }));
    expect(observe(createEngine(), requests).map((decision) => wordOf(decision))).toEqual([
      `three banned ${CLIENT}/32 fleet`,
    ]);
  });

  it('is known to an engine that takes over, which then neither repeats it nor starts anew', () => {
    const ban = { ruleId: 'three', target: `${CLIENT}/32`, scope: { kind: 'fleet' }, isNarrowed: false } as const;
    const untilMs = buildRequest({ ...probe, at: HOUR_S }).timeMs;
    const escalation = { factor: 2, maxDurationMs: 86_400_000, memoryMs: 604_800_000 };
    const successor = createEngine({ escalation });
    successor.noteBan({ ...ban, untilMs }, 1, untilMs - 3_600_000);
    expect(send(successor, 'ababab')).toEqual([]);
    const requests = requestsAt('aba', HOUR_S);
    expect(observe(successor, requests)).toMatchObject([{ offence: 2, durationMs: 7_200_000 }]);
    // The control: without that knowledge it would have banned.
    expect(send(createEngine(), 'ababab')).toHaveLength(1);
  });

  it('that is lifted needs as much evidence again', () => {
    const engine = createEngine();
    send(engine, 'aba');
    engine.lift(`${CLIENT}/32`);
    expect(send(engine, 'ab', 4)).toEqual([]);
    expect(send(engine, 'a', 6)).toEqual([`three banned ${CLIENT}/32 fleet`]);
  });
});

describe('one agent’s word', () => {
  it('bans on its own node only, and says that it was to be more', () => {
    const requests = requestsAt('aaa');
    expect(observe(createEngine(), requests)).toMatchObject([
      { scope: { kind: 'node', nodeId: 'a' }, isNarrowed: true, offence: 1 },
    ]);
  });

  it('is believed for all when a second agent says the same; the ban is widened, and is no second offence', () => {
    const engine = createEngine({ escalation: { factor: 2, maxDurationMs: 86_400_000, memoryMs: 604_800_000 } });
    expect(send(engine, 'aaa')).toEqual([`three banned ${CLIENT}/32 node a`]);
    const requests = requestsAt('aabbb', 3);
    expect(observe(engine, requests)).toMatchObject([{ scope: { kind: 'fleet' }, offence: 1, durationMs: 3_600_000 }]);
  });

  it('bans a victim nowhere else, however loud it is, for a slip that another agent has seen', () => {
    const threshold = { bucket: { capacity: 100, leakPerSecond: 0.01 } };
    const decisions = send(createEngine({ threshold }), `b${'a'.repeat(1000)}`);
    expect(decisions).toEqual([`three banned ${CLIENT}/32 node a`]);
    // The control: what the other agent has seen was a tenth of what is asked for.
    const heard = send(createEngine({ threshold }), `${'b'.repeat(10)}${'a'.repeat(1000)}`);
    expect(heard).toEqual([`three banned ${CLIENT}/32 fleet`]);
  });

  it('bans from a service on its own node only', () => {
    const action = { kind: 'ban', durationMs: 60_000, reach: 'service' } as const;
    expect(send(createEngine({ action }), 'aaa')).toEqual([`three banned ${CLIENT}/32 service shop at a`]);
    expect(send(createEngine({ action }), 'aba')).toEqual([`three banned ${CLIENT}/32 service shop at all nodes`]);
  });

  it('may say what it likes of time: nothing is later than when the stream took it', () => {
    const receivedAtMs = Date.parse('2026-01-01T09:00:00Z');
    const entry = {
      serviceId: null,
      classes: ['sensitive_path', 'rate'],
      method: 'GET',
      status: 404,
      path: '/.env',
      userAgent: null,
      count: 2,
      firstAt: receivedAtMs,
      lastAt: receivedAtMs + 86_400_000,
    };
    const suspect = {
      client: CLIENT,
      entries: [entry],
      others: { xss: 5 },
      samples: ['a line'],
      requests: 20,
      pathHashes: [1],
    };
    const message = suspectsMessage.parse({
      sampledAt: receivedAtMs - 86_400_000,
      node: { ordinaryRequests: 100, clients: 3 },
      suspects: [suspect],
    });
    const { node, observations } = observationsOfMessage(message, 'a', receivedAtMs);
    expect(node).toEqual({ timeMs: receivedAtMs - 3_600_000, nodeId: 'a', ordinaryRequests: 100, clients: 3 });
    expect(observations).toMatchObject([
      { of: 'volume', count: 20, ordinary: 13, isFast: true, isSketch: false, pageHashes: [1] },
      { of: 'suspicious', timeMs: receivedAtMs, classes: ['sensitive_path'], count: 2, sample: 'a line' },
      { of: 'suspicious', classes: ['xss'], count: 5, path: null, sample: null },
    ]);
  });
});

describe('escalation', () => {
  it('doubles for those who come again, up to a bound, until it is forgotten', () => {
    const escalation = { factor: 2, maxDurationMs: 3 * HOUR_S * 1000, memoryMs: 24 * HOUR_S * 1000 };
    const engine = createEngine({ escalation });
    const hours = [0, 2, 5, 9, 40].map((hour) => {
      const requests = requestsAt('aba', hour * HOUR_S);
      return observe(engine, requests).map(({ durationMs }) => (durationMs ?? 0) / 3_600_000);
    });
    expect(hours).toEqual([[1], [2], [3], [3], [1]]);
  });

  it('of a great factor stays within its bound', () => {
    const engine = createEngine({ escalation: { factor: 100, maxDurationMs: HOUR_S * 1000, memoryMs: 86_400_000 } });
    const durations = [0, 2, 4, 6].flatMap((hour) =>
      observe(engine, requestsAt('aba', hour * HOUR_S)).map(({ durationMs }) => durationMs),
    );
    expect(durations).toEqual([3_600_000, 3_600_000, 3_600_000, 3_600_000]);
  });
});

describe('guards', () => {
  it.each([
    ['private addresses', '192.168.1.7', '192.168.1.7/32'],
    ['loopback', '127.0.0.1', '127.0.0.1/32'],
    ['what is listed', '198.51.100.7', '198.51.100.7/32'],
    ['a network that an agent is in', '2001:db8:5:5::/64', '2001:db8:5:5::/64'],
  ])('spare %s, and say so once', (_, client, target) => {
    const exempt = ['198.51.100.0/24', '2001:db8:5:5::1'].map((text) => ({ network: cidrOf(text), why: 'an agent’s' }));
    expect(send(createEngine({}, { exempt }), 'ab'.repeat(20), 0, { client })).toEqual([
      `three spared ${target} fleet`,
    ]);
    // The control: others are banned.
    expect(send(createEngine({}, { exempt }), 'aba')).toEqual([`three banned ${CLIENT}/32 fleet`]);
  });

  it('spare who was given a challenge’s answer, for ten minutes', () => {
    const challenge = { ...probe, path: '/.well-known/acme-challenge/abc', status: 200, classes: [] };
    const engine = createEngine();
    observe(engine, [buildRequest(challenge)]);
    expect(send(engine, 'abab')).toEqual([`three spared ${CLIENT}/32 fleet`]);
    expect(send(engine, 'abab', 700)).toEqual([`three banned ${CLIENT}/32 fleet`]);
  });

  it('do not spare who only asked for a challenge that is not there', () => {
    const engine = createEngine();
    observe(engine, [
      buildRequest({ ...probe, path: '/.well-known/acme-challenge/x', status: 404, classes: ['not_found'] }),
    ]);
    expect(send(engine, 'aba')).toEqual([`three banned ${CLIENT}/32 fleet`]);
  });

  it('spare verified crawlers', () => {
    const isVerifiedCrawler = (target: string) => target === `${CLIENT}/32`;
    expect(send(createEngine({}, { isVerifiedCrawler }), 'aba')).toEqual([`three spared ${CLIENT}/32 fleet`]);
  });

  it('cap the bans of a minute, and go on in the next one', () => {
    const engine = createEngine({}, { guards: { ...GUARD_DEFAULTS, maxBansPerMinute: 10 } });
    const attack = (atS: number) =>
      Array.from({ length: 20 }, (_, last) => send(engine, 'aba', atS, { client: `203.0.113.${last}` })).flat();
    const [first, second] = [attack(0), attack(70)];
    expect(first.filter((word) => word.includes('banned'))).toHaveLength(10);
    expect(first.filter((word) => word.includes('capped'))).toHaveLength(1);
    expect(second.filter((word) => word.includes('banned'))).toHaveLength(10);
  });

  it.each([
    [300, 'held'],
    [100, 'banned'],
  ])('of a client with %d of 1,000 ordinary requests: %s', (ordinary, outcome) => {
    const engine = createEngine();
    engine.noteNode({ timeMs: buildRequest(probe).timeMs, nodeId: 'a', ordinaryRequests: 1000, clients: 100 });
    const [volume] = observationsOfRequest(buildRequest({ ...probe, classes: [] }));
    engine.observe({ ...volume, of: 'volume', count: ordinary, ordinary } as Parameters<RuleEngine['observe']>[0]);
    const [decision] = observe(engine, requestsAt('aba'));
    expect(decision).toMatchObject({ outcome, share: expect.closeTo(ordinary / 1000, 2) as number });
  });

  it('hold a rule for volumes that would ban everybody, and let one pass that bans a few', () => {
    const match = { of: 'volume' } as const;
    const flood = (clients: number): string[] => {
      const engine = createEngine({ match });
      engine.noteNode({ timeMs: buildRequest(probe).timeMs, nodeId: 'a', ordinaryRequests: 10_000, clients: 100 });
      return Array.from({ length: clients }, (_, last) =>
        send(engine, 'aba', 0, { client: `203.0.113.${last}`, classes: [], fast: true }),
      ).flat();
    };
    expect(flood(5).filter((word) => word.includes('held'))).toEqual([]);
    expect(flood(100).filter((word) => word.includes('banned')).length).toBeLessThanOrEqual(20);
    expect(flood(100).filter((word) => word.includes('held')).length).toBeGreaterThanOrEqual(80);
  });
});

describe('rules', () => {
  it('may only record, notify, or try', () => {
    expect(send(createEngine({ action: { kind: 'record' } }), 'ababab')).toEqual([`three recorded ${CLIENT}/32 -`]);
    expect(send(createEngine({ action: { kind: 'notify' } }), 'ababab')).toEqual([`three notified ${CLIENT}/32 -`]);
    expect(send(createEngine({ isDryRun: true }), 'ababab')).toEqual([`three dry_run ${CLIENT}/32 fleet`]);
    expect(send(createEngine({ isEnabled: false }), 'ababab')).toEqual([]);
  });

  it('may count a whole network, and then ban it', () => {
    const engine = createEngine({ grouping: 'network' });
    expect(send(engine, 'ab', 0, { client: '203.0.113.1' })).toEqual([]);
    expect(send(engine, 'a', 2, { client: '203.0.113.200' })).toEqual(['three banned 203.0.113.0/24 fleet']);
    expect(send(engine, 'ababab', 3, { client: '203.0.113.9' })).toEqual([]);
    expect(send(engine, 'aba', 0, { client: '2001:db8:1:1::/64' })).toEqual(['three banned 2001:db8:1:1::/64 fleet']);
  });

  it('may count autonomous systems where they are known', () => {
    const asnOf = (client: string) => (client.startsWith('203.') ? 64_500 : null);
    const engine = createEngine({ grouping: 'asn', action: { kind: 'notify' } }, { asnOf });
    expect(send(engine, 'ab', 0, { client: '203.0.113.1' })).toEqual([]);
    expect(send(engine, 'a', 2, { client: '203.0.114.1' })).toEqual(['three notified AS64500 -']);
    expect(send(engine, 'aba', 0, { client: '198.51.100.1' })).toEqual([]);
  });

  it('keep what they have counted when others change', () => {
    const engine = createEngine();
    send(engine, 'ab');
    engine.setRules([buildRule(), buildRule({ id: 'new', name: 'New' })]);
    expect(send(engine, 'a', 2)).toEqual([`three banned ${CLIENT}/32 fleet`]);
    const changed = createEngine();
    send(changed, 'ab');
    changed.setRules([buildRule({ description: 'now another one' })]);
    expect(send(changed, 'a', 2)).toEqual([]);
  });

  it('say how far back they look', () => {
    expect(createEngine().memoryMs).toBe(300_000);
    expect(createEngine({ threshold: { distinctPaths: 3, windowMs: 7_200_000 } }).memoryMs).toBe(7_200_000);
  });

  it('show no escape sequences', () => {
    const engine = createEngine();
    const requests = requestsAt('aba', 0, { path: '/.env\u001b[31m\n\u202e' });
    const [decision] = observe(engine, requests);
    expect(decision?.evidence[0]).toContain(String.raw`"GET /.env\x1B[31m\x0A\u202e"`);
  });
});

describe('under an attack of addresses without number', () => {
  it('those that come again are found, and memory has an end', () => {
    const engine = createEngine({}, { maxGroups: 1000, maxClients: 1000 });
    const found: string[] = [];
    const heavy = ['198.51.100.1', '198.51.100.2', '198.51.100.3', '198.51.100.4', '198.51.100.5'];
    const before = process.memoryUsage().heapUsed;
    for (let index = 0; index < 300_000; index += 1) {
      const at = index / 5000;
      const client = `${1 + (index >> 16)}.${(index >> 8) & 255}.${index & 255}.9`;
      found.push(...send(engine, 'a', at, { client }));
      const isHeavy = index % 1000 === 0;
      if (isHeavy) for (const each of heavy) found.push(...send(engine, 'a', at, { client: each }));
    }
    expect(found.toSorted()).toEqual(heavy.map((client) => `three banned ${client}/32 node a`));
    expect((process.memoryUsage().heapUsed - before) / 2 ** 20).toBeLessThan(100);
  }, 60_000);
});
