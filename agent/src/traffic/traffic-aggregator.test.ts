import { trafficMessage, type TopListName } from '@flotilla/contracts';
import { LatencyHistogram } from '@flotilla/traffic';
import { buildLine, SERVICE_ID, type LineDraft } from '@flotilla/traffic/testing';
import { describe, expect, it } from 'vitest';
import { LogFeed } from '../shared/log-feed.ts';
import { planTrafficMessages } from './plan-traffic-messages.ts';
import { TrafficAggregator, type CountedTraffic } from './traffic-aggregator.ts';

/** A beginning of an interval, and of a minute. */
const BEGIN_MS = 1_780_000_020_000;
const OTHER_ID = '0190a0b0-1111-7222-8333-444455557777';

function start({ offsetMs = 0, country = null as string | null } = {}) {
  const aggregator = new TrafficAggregator({ seed: 4711, findCountry: () => country });
  const feed = new LogFeed([(line) => aggregator.observe(line)], () => offsetMs);
  /** @param atMs after the beginning, by the log's clock */
  const send = (draft: LineDraft = {}, atMs = 0): void => {
    feed.add(Buffer.from(`${buildLine({ time: ((BEGIN_MS + atMs) / 1000).toFixed(3), ...draft })}\n`));
  };
  /** What is over, as the Core reads it. */
  const take = (nowMs = Infinity, isReadable = false): CountedTraffic => {
    const counted = nowMs === Infinity ? aggregator.takeAll() : aggregator.take(nowMs, isReadable);
    const messages = planTrafficMessages(counted, BEGIN_MS);
    const read = messages.map((message) => trafficMessage.parse(JSON.parse(JSON.stringify(message))));
    return { services: read.flatMap(({ services }) => services), tops: read.flatMap(({ tops }) => tops) };
  };
  const readTop = (name: TopListName): [string, number][] =>
    take().tops.flatMap(
      ({ lists }) => lists[name]?.entries.map(({ key, count }) => [key, count] as [string, number]) ?? [],
    );
  return { aggregator, send, take, readTop };
}

describe('counts of an interval', () => {
  it('are all that a service was asked for', () => {
    const { send, take } = start();
    send();
    send({ status: '404', method: 'POST', protocol: 'HTTP/2.0', bytes: '10', requestSeconds: '2.000' });
    send({ status: '404', method: 'PURGE', protocol: 'HTTP/0.9', bytes: '0' });
    send({ service: OTHER_ID });
    const { services } = take();
    expect(services.map(({ serviceId, requests }) => [serviceId, requests])).toEqual([
      [SERVICE_ID, 3],
      [OTHER_ID, 1],
    ]);
    expect(services[0]).toEqual({
      serviceId: SERVICE_ID,
      from: BEGIN_MS,
      requests: 3,
      bytesSent: 1034,
      statuses: [
        [404, 2],
        [200, 1],
      ],
      methods: [1, 0, 1, 0, 0, 0, 0, 1],
      protocols: [0, 1, 1, 0, 1],
      latency: [[15, 2], expect.any(Array)],
      upstreamLatency: [[12, 3]],
    });
  });

  it('have latencies that are right to 2 %', () => {
    const { send, take } = start();
    for (let index = 0; index < 100; index += 1) send({ requestSeconds: (index / 10).toFixed(3) });
    const histogram = new LatencyHistogram();
    histogram.addCounts(take().services[0]?.latency ?? []);
    for (const [quantile, exact] of [
      [0.5, 4900],
      [0.95, 9400],
      [0.99, 9800],
    ] as const)
      // prettier-ignore
      expect(Math.abs((histogram.readQuantile(quantile) ?? 0) - exact)).toBeLessThanOrEqual(exact * 0.02);
  });

  it.each<[string, LineDraft, number]>([
    ['what became another protocol', { status: '101', requestSeconds: '3600.000' }, 0],
    ['what nginx answered itself', { upstream: '-', upstreamSeconds: '-', status: '403' }, 0],
    ['what was passed on', {}, 1],
  ])('know how long targets took for %s: %#', (_, draft, amount) => {
    const { send, take } = start();
    send(draft);
    expect(take().services[0]?.upstreamLatency.length).toBe(amount);
  });

  it('have what reached no service by itself', () => {
    const { send, take } = start();
    send({ service: '-', upstream: '-', upstreamSeconds: '-', status: '444' });
    expect(take().services).toMatchObject([{ serviceId: null, requests: 1, statuses: [[444, 1]] }]);
  });

  it('are by the time of the requests and the Core’s clock, each request in one', () => {
    const { send, take } = start({ offsetMs: -5000 });
    for (const atMs of [0, 4999, 5000, 9999, 10_000, 1]) send({}, atMs);
    const read = (nowMs: number) => take(nowMs).services.map(({ from, requests }) => [from - BEGIN_MS, requests]);
    expect(read(BEGIN_MS + 1999), 'lines may still come').toEqual([]);
    expect(read(BEGIN_MS + 2000)).toEqual([[-5000, 3]]);
    expect(read(BEGIN_MS + 2000), 'told once').toEqual([]);
    send({}, 3000);
    expect(read(Infinity), 'what came too late is told besides').toEqual([
      [-5000, 1],
      [0, 2],
      [5000, 1],
    ]);
  });

  it('are told while the log of a long pause is read, and of a clock that was wrong', () => {
    const { send, take } = start();
    for (let minute = 0; minute < 60; minute += 1) send({}, minute * 60_000);
    const now = BEGIN_MS + 59 * 60_000;
    expect(take(now).services.length, 'all but the last').toBe(59);
    send({}, 10 * 86_400_000);
    expect(take(now).services.map(({ from }) => from)).toEqual([BEGIN_MS + 10 * 86_400_000]);
  });

  it.each<[string, LineDraft]>([
    ['a line with a field too many', { userAgent: 'a"b' }],
    ['an id that is none', { service: 'x'.repeat(36) }],
    ['a client that is none', { client: 'unix:' }],
  ])('leave out %s', (_, draft) => {
    const { send, take } = start();
    send(draft);
    expect(take()).toEqual({ services: [], tops: [] });
    send();
    expect(take().services.length).toBe(1);
  });

  it('leave out services beyond what a node has, and say so', () => {
    const { aggregator, send, take } = start();
    for (let index = 0; index < 2010; index += 1)
      send({ service: `0190a0b0-1111-7222-8333-${String(index).padStart(12, '0')}` });
    expect(aggregator.figures).toEqual({ requests: 2010, untold: 10 });
    expect(take().services.length).toBe(2000);
  });
});

describe('an interval in which nothing came', () => {
  const read = (told: CountedTraffic) => told.services.map(({ from, requests }) => [from - BEGIN_MS, requests]);

  it('is told as such, once, while the log is read', () => {
    const { send, take } = start();
    expect(read(take(BEGIN_MS + 2000, true)), 'nobody knows what was before').toEqual([]);
    send({ service: '-' }, 6000);
    expect(read(take(BEGIN_MS + 7000, true))).toEqual([[0, 0]]);
    expect(read(take(BEGIN_MS + 11_999, true))).toEqual([]);
    expect(read(take(BEGIN_MS + 18_000, true))).toEqual([
      [5000, 1],
      [10_000, 0],
    ]);
  });

  it('is not told while nobody knows', () => {
    const { take } = start();
    take(BEGIN_MS + 2000, true);
    expect(read(take(BEGIN_MS + 17_000, false))).toEqual([]);
    expect(read(take(BEGIN_MS + 22_000, true))).toEqual([[15_000, 0]]);
    expect(read(take(BEGIN_MS + 86_400_000, true)).length, 'after a night').toBe(12);
  });
});

describe('top lists of a minute', () => {
  it.each<[TopListName, LineDraft[], [string, number][]]>([
    ['paths', [{ requested: '/a?x=1' }, { requested: '/a?x=2' }, { requested: '/b' }], [['/a', 2], ['/b', 1]]],
    ['paths', [{ requested: String.raw`/\x22\xD0\xB0\x0A` }], [['/"а\n', 1]]],
    ['paths', [{ requested: String.raw`\x16\x03\x01`, method: '', protocol: '' }], []],
    ['paths', [{ requested: `/${'a'.repeat(65_000)}` }], [[`/${'a'.repeat(255)}`, 1]]],
    ['referrers', [{ referrer: '-' }, { referrer: 'https://a.example/x?y' }], [['https://a.example/x', 1]]],
    ['userAgents', [{ userAgent: '-' }, { userAgent: 'curl/8' }], [['curl/8', 1]]],
    ['clients', [{ client: '192.0.2.1' }, { client: '2001:db8::1' }, { client: '2001:db8::2' }], [['2001:db8::/64', 2], ['192.0.2.1', 1]]],
    ['countries', [{}], []],
  ])('of %s: %#', (name, lines, entries) => {
    const { send, readTop } = start();
    for (const line of lines) send(line);
    expect(readTop(name)).toEqual(entries);
  }); // prettier-ignore

  it('have countries where they are known', () => {
    const { send, readTop } = start({ country: 'DE' });
    send();
    send();
    expect(readTop('countries')).toEqual([['DE', 2]]);
  });

  it('are bounded whatever comes, and keep what comes often', () => {
    const { send, take } = start();
    for (let index = 0; index < 20_000; index += 1) {
      send({
        requested: `/${index}`,
        userAgent: `agent ${index}`,
        client: `198.18.${(index >> 8) & 255}.${index & 255}`,
      });
      if (index % 50 === 0) send({ requested: '/often' });
    }
    const paths = take().tops[0]?.lists.paths;
    expect(paths?.entries.length).toBe(20);
    expect(paths?.total).toBe(20_400);
    expect(paths?.entries[0]?.key).toBe('/often');
    expect(paths?.entries[0]?.count).toBeGreaterThanOrEqual(400);
  });

  it('are told when the minute is over', () => {
    const { send, take } = start();
    send();
    expect(take(BEGIN_MS + 61_999).tops).toEqual([]);
    expect(take(BEGIN_MS + 62_000).tops.map(({ from }) => from)).toEqual([BEGIN_MS]);
  });
});

describe('messages', () => {
  it('hold a thousand services with long keys in parts that the bus takes', () => {
    const { send, aggregator } = start();
    for (let index = 0; index < 1000; index += 1) {
      const service = `0190a0b0-1111-7222-8333-${String(index).padStart(12, '0')}`;
      send({ service, requested: `/${String.raw`\xD0\xB0`.repeat(200)}`, userAgent: 'x'.repeat(300) });
    }
    const messages = planTrafficMessages(aggregator.takeAll(), BEGIN_MS);
    expect(messages.flatMap(({ services }) => services).length).toBe(1000);
    expect(messages.flatMap(({ tops }) => tops).length).toBe(1000);
    expect(messages.length).toBeGreaterThan(1);
    expect(new Set(messages.map(({ sampledAt }) => sampledAt)).size).toBe(messages.length);
    for (const message of messages) expect(Buffer.byteLength(JSON.stringify(message))).toBeLessThan(600_000);
  });
});
