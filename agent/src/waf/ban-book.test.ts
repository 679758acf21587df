import type { BansUpdate, LimiterBan, NodeBan } from '@flotilla/contracts';
import { describe, expect, it } from 'vitest';
import { BanBook, NO_BANS } from './ban-book.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');
const SERVICE = '0190a0b0-1111-7222-8333-444455556666';
const at = (ms: number): string => new Date(NOW + ms).toISOString();
const idOf = (number: number): string => `0190a0b0-0000-7000-8000-${String(number).padStart(12, '0')}`;
const banOf = (number: number, target: string, change: Partial<NodeBan> = {}): NodeBan => ({
  id: idOf(number),
  target,
  serviceId: null,
  expiresAt: at(60_000),
  ...change,
});
const ownOf = (number: number, target: string): LimiterBan => ({
  id: idOf(number),
  target,
  serviceId: SERVICE,
  startedAt: at(0),
  expiresAt: at(60_000),
  requestsPerSecond: 400,
  offence: 1,
});
const updateOf = (change: Partial<BansUpdate>): BansUpdate => ({
  revision: 1,
  isFresh: false,
  bans: [],
  lifted: [],
  allowed: null,
  hasMore: false,
  ...change,
});
const networks = (list: readonly { network: string; serviceId: string | null }[]): string[] =>
  list.map(({ network, serviceId }) => (serviceId === null ? network : `${network} of a service`));
/** What nginx has to be told, as text. */
const advance = (book: BanBook, ms = 0) => {
  const { added, lifted } = book.advance(NOW + ms);
  return { added: networks(added), lifted: networks(lifted) };
};
const nothing = { added: [], lifted: [] };

describe('the bans of a node', () => {
  it('are told once, and again when they are over', () => {
    const book = new BanBook(NO_BANS);
    book.take(updateOf({ bans: [banOf(1, '203.0.113.7/32')] }));
    expect(advance(book)).toEqual({ added: ['203.0.113.7/32'], lifted: [] });
    expect(advance(book)).toEqual(nothing);
    expect(book.nextExpiryMs()).toBe(NOW + 60_000);
    expect(advance(book, 59_999)).toEqual(nothing);
    expect(advance(book, 60_000)).toEqual({ added: [], lifted: ['203.0.113.7/32'] });
    expect(book.remember().bans).toEqual([]);
    expect(book.nextExpiryMs()).toBeNull();
  });

  it('of one network twice end with the last of them', () => {
    const book = new BanBook(NO_BANS);
    const target = '203.0.113.7/32';
    book.take(updateOf({ bans: [banOf(1, target), banOf(2, target, { expiresAt: null })] }));
    expect(advance(book)).toEqual({ added: [target], lifted: [] });
    expect(advance(book, 60_000)).toEqual(nothing);
    book.take(updateOf({ lifted: [idOf(2)] }));
    expect(advance(book, 60_000)).toEqual({ added: [], lifted: [target] });
  });

  it('are extended by a later word about the same one', () => {
    const book = new BanBook(NO_BANS);
    book.take(updateOf({ bans: [banOf(1, '203.0.113.7/32')] }));
    advance(book);
    book.take(updateOf({ bans: [banOf(1, '203.0.113.7/32', { expiresAt: at(120_000) })] }));
    expect(advance(book, 60_000)).toEqual(nothing);
  });

  it('end at once for whoever is allowed, and begin again when that is over', () => {
    const book = new BanBook(NO_BANS);
    const bans = [banOf(1, '203.0.113.7/32'), banOf(2, '203.0.113.0/24'), banOf(3, '198.51.100.1/32')];
    book.take(updateOf({ bans }));
    advance(book);
    book.take(updateOf({ allowed: [{ network: '203.0.113.7/32', expiresAt: at(1000) }] }));
    expect(advance(book)).toEqual({ added: [], lifted: ['203.0.113.7/32', '203.0.113.0/24'] });
    expect(book.nextExpiryMs()).toBe(NOW + 1000);
    expect(advance(book, 1000)).toEqual({ added: ['203.0.113.7/32', '203.0.113.0/24'], lifted: [] });
  });

  it('of this node’s limiter hold until the Core has taken them over', () => {
    const book = new BanBook(NO_BANS);
    book.addOwn(ownOf(1, '203.0.113.7/32'));
    expect(advance(book)).toEqual({ added: ['203.0.113.7/32 of a service'], lifted: [] });
    expect(book.own).toHaveLength(1);
    book.take(updateOf({ bans: [banOf(1, '203.0.113.7/32', { serviceId: SERVICE })] }));
    expect(book.own).toEqual([]);
    expect(advance(book)).toEqual(nothing);
    book.take(updateOf({ lifted: [idOf(1)] }));
    expect(advance(book).lifted).toEqual(['203.0.113.7/32 of a service']);
  });

  it('of this node’s limiter are lifted by the Core before it has taken them over', () => {
    const book = new BanBook(NO_BANS);
    book.addOwn(ownOf(1, '203.0.113.7/32'));
    advance(book);
    book.take(updateOf({ lifted: [idOf(1)] }));
    expect(advance(book).lifted).toHaveLength(1);
    expect(book.own).toEqual([]);
  });

  it('are those of a fresh update only, but for what the Core has not heard of', () => {
    const book = new BanBook(NO_BANS);
    book.take(updateOf({ bans: [banOf(1, '203.0.113.7/32')] }));
    book.addOwn(ownOf(2, '203.0.113.8/32'));
    advance(book);
    book.take(updateOf({ isFresh: true, revision: 0, bans: [banOf(3, '203.0.113.9/32')] }));
    expect(advance(book)).toEqual({ added: ['203.0.113.9/32'], lifted: ['203.0.113.7/32'] });
    expect(book.revision).toBe(0);
  });

  it('survive a restart', () => {
    const book = new BanBook(NO_BANS);
    book.take(
      updateOf({ bans: [banOf(1, '203.0.113.7/32')], allowed: [{ network: '192.0.2.1/32', expiresAt: null }] }),
    );
    book.addOwn(ownOf(2, '203.0.113.8/32'));
    const next = new BanBook(book.remember());
    expect(advance(next).added).toEqual(['203.0.113.7/32', '203.0.113.8/32 of a service']);
    expect(next.remember()).toEqual(book.remember());
  });

  it('are never of private addresses, whoever says so', () => {
    const book = new BanBook(NO_BANS);
    book.take(updateOf({ bans: [banOf(1, '10.0.0.1/32'), banOf(2, '127.0.0.1/32'), banOf(3, '203.0.113.7/32')] }));
    expect(advance(book).added).toEqual(['203.0.113.7/32']);
  });
});
