import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createRandom } from '@flotilla/contracts/testing';
import { describe, expect, it } from 'vitest';
import { clientHigh, clientLow } from '../addresses/client-network.ts';
import { parseAddress } from '../addresses/parse-address.ts';
import { LIMITER_DEFAULTS, RequestLimiter, type LimiterDecision, type LimiterSettings } from './request-limiter.ts';
import { VolumeWatch } from './volume-watch.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const BEGIN_MS = 1_780_000_000_000;
const HOUR_MS = 3_600_000;
const MIB = 2 ** 20;
const SEED = 4711;
const IPV4 = 0xffff;

function createLimiter(change: Partial<LimiterSettings> = {}, spared: readonly string[] = []): RequestLimiter {
  return new RequestLimiter({ ...LIMITER_DEFAULTS, ...change }, SEED, (client) => spared.includes(client));
}

/** Requests in equal steps. */
function send(
  limiter: RequestLimiter,
  address: string,
  perSecond: number,
  seconds: number,
  atMs = 0,
  service = 'shop',
) {
  const words = parseAddress(address) ?? new Uint32Array(4);
  const number = limiter.numberOf(service);
  const decisions: LimiterDecision[] = [];
  for (let index = 0; index < perSecond * seconds; index += 1) {
    const timeMs = BEGIN_MS + atMs + (index * 1000) / perSecond;
    const decision = limiter.observe(number, clientHigh(words), clientLow(words), timeMs);
    if (decision !== null) decisions.push(decision);
  }
  return decisions;
}

describe('a client', () => {
  it.each([
    ['100 a second, for a minute', 100, 60],
    ['200 at once', 200_000, 0.001],
    ['1 a second', 1, 600],
  ])('may send %s', (_, perSecond, seconds) => {
    expect(send(createLimiter(), '203.0.113.7', perSecond, seconds)).toEqual([]);
  });

  it.each([
    ['120 a second', 120, 12, 120],
    ['201 at once', 201_000, 0.001, 201],
    ['10,000 a second', 10_000, 1, 202],
  ])('must not send %s', (_, perSecond, seconds, rate) => {
    const decisions = send(createLimiter(), '203.0.113.7', perSecond, seconds);
    expect(decisions).toMatchObject([
      {
        client: '203.0.113.7',
        serviceId: 'shop',
        reason: 'more than 100 requests a second, and 200 at once',
        offence: 1,
      },
    ]);
    expect((decisions[0]?.requestsPerSecond ?? 0) / rate).toBeCloseTo(1, 1);
  });

  it('of IPv6 is its whole /64', () => {
    const limiter = createLimiter();
    const number = limiter.numberOf('shop');
    const decisions = Array.from({ length: 300 }, (_, index) => {
      const words = parseAddress(`2001:db8:1:2::${index.toString(16)}`) ?? new Uint32Array(4);
      return limiter.observe(number, clientHigh(words), clientLow(words), BEGIN_MS);
    });
    expect(decisions.filter((decision) => decision !== null)).toMatchObject([{ client: '2001:db8:1:2::/64' }]);
  });

  it('is counted by service, each with its own limit', () => {
    const limiter = createLimiter();
    for (const service of ['a', 'b', 'c']) expect(send(limiter, '203.0.113.7', 90, 30, 0, service)).toEqual([]);
    limiter.setLimit('strict', { requestsPerSecond: 5, burst: 10 });
    expect(send(limiter, '203.0.113.7', 90, 1, 60_000, 'strict')).toMatchObject([{ serviceId: 'strict' }]);
  });

  it('is decided about once until its ban has ended, then for twice as long, at most seven days', () => {
    const limiter = createLimiter();
    const days: number[] = [];
    let atMs = 0;
    for (let round = 0; round < 7; round += 1) {
      const decisions = send(limiter, '203.0.113.7', 300, 10, atMs);
      expect(decisions).toHaveLength(1);
      const [{ timeMs, untilMs } = { timeMs: 0, untilMs: 0 }] = decisions;
      days.push((untilMs - timeMs) / (24 * HOUR_MS));
      // Still banned a moment before the end: what its requests are then is not decided again.
      expect(send(limiter, '203.0.113.7', 300, 3, untilMs - BEGIN_MS - 5000)).toEqual([]);
      atMs = untilMs - BEGIN_MS;
    }
    expect(days).toEqual([4, 8, 16, 32, 64, 128, 168].map((hours) => hours / 24));
  });

  it('that must not be banned is not, and others are', () => {
    const limiter = createLimiter({}, ['203.0.113.7']);
    expect(send(limiter, '203.0.113.7', 1000, 5)).toEqual([]);
    expect(send(limiter, '203.0.113.8', 1000, 5)).toHaveLength(1);
  });

  it('may be logged a little out of order', () => {
    const limiter = createLimiter();
    const number = limiter.numberOf('shop');
    const decisions = Array.from({ length: 6000 }, (_, index) =>
      limiter.observe(number, IPV4, 7, BEGIN_MS + index * 10 + (index % 3 === 0 ? -300 : 0)),
    );
    expect(decisions.filter((decision) => decision !== null)).toEqual([]);
  });
});

it('a browser is not fast, and a program that does not stop is', () => {
  const watch = new VolumeWatch(SEED);
  const ask = (client: number, requests: number, everyMs: number) =>
    Array.from({ length: requests }, (_, index) => watch.isFast(IPV4, client, BEGIN_MS + index * everyMs)).includes(
      true,
    );
  expect(ask(1, 110, 5)).toBe(false);
  expect(ask(2, 2000, 500)).toBe(false);
  expect(ask(3, 400, 200)).toBe(true);
});

describe('ten million addresses in a minute', () => {
  const ADDRESSES = 10_000_000;
  const HEAVY = [1, 2, 3, 4, 5].map((last) => `198.51.100.${last}`);
  /** 250 requests a second of each, which is more than the 100 that it may send. */
  const HEAVY_EVERY = Math.floor(ADDRESSES / 60 / 250);

  /** @returns who was found, and by how much memory grew */
  function attack(limiter: RequestLimiter, heavyEvery: number): { found: string[]; grownMib: number } {
    const random = createRandom(7);
    const heavyLows = HEAVY.map((address) => clientLow(parseAddress(address) ?? new Uint32Array(4)));
    const found: string[] = [];
    const number = limiter.numberOf('shop');
    const before = memoryMib();
    for (let index = 0; index < ADDRESSES; index += 1) {
      const timeMs = BEGIN_MS + (index * 60_000) / ADDRESSES;
      // Each address once, in no order.
      const low = Math.imul(index, 0x9e3779b1) >>> 0;
      const decision = limiter.observe(number, IPV4, low, timeMs);
      if (decision !== null) found.push(decision.client);
      if (heavyEvery === 0 || index % heavyEvery !== 0) continue;
      for (const heavyLow of heavyLows) {
        const heavy = limiter.observe(number, IPV4, heavyLow, timeMs - random.between(0, 3));
        if (heavy !== null) found.push(heavy.client);
      }
    }
    return { found: found.toSorted(), grownMib: memoryMib() - before };
  }

  /** Without what waits to be collected. */
  function memoryMib(): number {
    collectGarbage();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return (heapUsed + arrayBuffers) / MIB;
  }

  it('do not hide five that send too much, and memory does not grow', () => {
    const limiter = createLimiter();
    const { found, grownMib } = attack(limiter, HEAVY_EVERY);
    process.stdout.write(
      `buckets: ${(limiter.memoryBytes / MIB).toFixed(1)} MiB, grown by ${grownMib.toFixed(1)} MiB, resident ${(process.memoryUsage().rss / MIB).toFixed(0)} MiB\n`,
    );
    expect(found).toEqual(HEAVY);
    expect(limiter.memoryBytes).toBeLessThan(3 * MIB);
    expect(grownMib).toBeLessThan(50);
  }, 120_000);

  it('are found by nobody when the five keep to what they may', () => {
    // The control: it is by their requests that they were found, and nobody else is.
    expect(attack(createLimiter(), HEAVY_EVERY * 3).found).toEqual([]);
  }, 120_000);

  it('take memory without end when each has a place of its own', () => {
    // The control for the memory: a tenth of them in a Map is more than all of it.
    const before = memoryMib();
    const places = new Map<number, { fullAtMs: number }>();
    for (let index = 0; index < ADDRESSES / 10; index += 1)
      places.set(Math.imul(index, 0x9e3779b1), { fullAtMs: index });
    expect(memoryMib() - before).toBeGreaterThan(50);
    expect(places.size).toBe(ADDRESSES / 10);
  }, 120_000);
});

describe('a clock that is set back', () => {
  /** A thousand clients, ten requests a second each. @returns who is banned */
  const sendAll = (limiter: RequestLimiter, atMs: number, seconds: number): LimiterDecision[] => {
    const decisions: LimiterDecision[] = [];
    for (let index = 0; index < 10_000 * seconds; index += 1) {
      const decision = limiter.observe(1, 0xffff, index % 1000, BEGIN_MS + atMs + index / 10);
      if (decision !== null) decisions.push(decision);
    }
    return decisions;
  };

  it.each([1100, 3000, 60_000, 3_600_000])('by %i ms bans nobody who is within the limit', (backMs) => {
    const limiter = createLimiter({ limit: { requestsPerSecond: 100, burst: 20 } });
    limiter.numberOf('shop');
    expect(sendAll(limiter, 0, 5)).toEqual([]);
    expect(sendAll(limiter, 5000 - backMs, 20)).toEqual([]);
  });

  it('is noticed within seconds: who sends too much then is banned', () => {
    const limiter = createLimiter();
    send(limiter, '203.0.113.7', 10, 5);
    expect(send(limiter, '203.0.113.8', 1000, 4, -60_000)).toEqual([]);
    expect(send(limiter, '203.0.113.8', 1000, 10, -56_000).length).toBe(1);
  });

  it('is told from lines that come late, which change nothing', () => {
    const limiter = createLimiter();
    for (let second = 0; second < 60; second += 1) {
      expect(send(limiter, '203.0.113.7', 50, 1, second * 1000)).toEqual([]);
      expect(send(limiter, '203.0.113.7', 150, 1, second * 1000 - 30_000)).toEqual([]);
    }
    expect(send(limiter, '203.0.113.7', 1000, 1, 60_000).length).toBe(1);
  });
});
