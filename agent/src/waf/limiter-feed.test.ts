import type { LimiterDecision } from '@flotilla/traffic';
import { buildLine, type LineDraft } from '@flotilla/traffic/testing';
import { describe, expect, it } from 'vitest';
import { LimiterFeed, type ServiceLimits } from './limiter-feed.ts';
import { LogFeed } from '../shared/log-feed.ts';

const SHOP = '0190a0b0-1111-7222-8333-444455556666';
const BLOG = '0190a0b0-1111-7222-8333-777788889999';
const BEGIN_MS = 1_780_000_000_000;
const LIMIT = { requestsPerSecond: 10, burst: 20 };

function feed(limits: ServiceLimits = new Map([[SHOP, LIMIT]]), spared: readonly string[] = []) {
  const decisions: LimiterDecision[] = [];
  const limiter = new LimiterFeed({
    seed: 4711,
    isSpared: (client) => spared.includes(client),
    onDecision: (decision) => decisions.push(decision),
  });
  limiter.setLimits(limits);
  const log = new LogFeed([(line) => limiter.observe(line)], () => 0);
  /** Requests of one client in a second. */
  const send = (count: number, draft: LineDraft = {}, atMs = 0): void => {
    const lines = Array.from({ length: count }, (_, index) => {
      const time = ((BEGIN_MS + atMs + (index * 1000) / count) / 1000).toFixed(3);
      return `${buildLine({ service: SHOP, client: '203.0.113.7', time, ...draft })}\n`;
    });
    log.add(Buffer.from(lines.join('')));
  };
  return { decisions, send, limiter, log };
}

describe('requests of the log', () => {
  it('ban the client that sends too many, once', () => {
    const { send, decisions } = feed();
    send(20, { client: '203.0.113.8' });
    send(100);
    send(100, {}, 5000);
    expect(decisions).toMatchObject([{ client: '203.0.113.7', serviceId: SHOP, offence: 1 }]);
  });

  it.each<[string, LineDraft, string | null]>([
    ['of IPv6 are those of a /64', { client: '2001:db8:1:2::3' }, '2001:db8:1:2::/64'],
    ['that nginx refused count as well', { status: '403', upstream: '-', upstreamSeconds: '-' }, '203.0.113.7'],
    [
      'that cannot be read as requests count as well',
      { method: '', requested: String.raw`\x16\x03\x01` },
      '203.0.113.7',
    ],
    ['of no site are nobody’s', { service: '-' }, null],
    ['of a service that bans nobody are not looked at', { service: BLOG }, null],
    ['of no address are nobody’s', { client: 'unix:' }, null],
  ])('%s', (_, draft, client) => {
    const { send, decisions } = feed(
      new Map([
        [SHOP, LIMIT],
        [BLOG, null],
      ]),
    );
    send(100, draft);
    expect(decisions.map((decision) => decision.client)).toEqual(client === null ? [] : [client]);
  });

  it('are measured by the limit of their service, also when it has changed', () => {
    const { send, decisions, limiter } = feed();
    limiter.setLimits(new Map([[SHOP, { requestsPerSecond: 1000, burst: 2000 }]]));
    send(500);
    expect(decisions).toEqual([]);
    limiter.setLimits(new Map([[SHOP, LIMIT]]));
    send(500, {}, 60_000);
    expect(decisions).toHaveLength(1);
  });

  it('ban nobody who must not be banned', () => {
    const { send, decisions } = feed(undefined, ['203.0.113.7']);
    send(500);
    expect(decisions).toEqual([]);
  });

  it('are not found in what is no line of nginx', () => {
    const { send, decisions, log } = feed();
    const torn = buildLine({ service: SHOP, client: '203.0.113.7' }).slice(0, 90);
    log.add(Buffer.from(`${torn}\n`.repeat(1000)));
    log.add(Buffer.from('GET / HTTP/1.1\n'.repeat(1000)));
    expect(decisions).toEqual([]);
    send(100);
    expect(decisions, 'the control').toHaveLength(1);
  });
});
