import type { BansUpdate } from '@flotilla/contracts';
import { afterEach, describe, expect, it } from 'vitest';
import type { BanChange } from '../shared/ban-gate.ts';
import { createMemoryLog } from '../testing/memory-log.ts';
import { BanBook, NO_BANS, type RememberedBans } from './ban-book.ts';
import { startBans } from './start-bans.ts';

const TARGET = '203.0.113.7/32';
const ID = '0190a0b0-1111-7222-8333-444455556666';
const BOUND = { timeout: 20_000, interval: 10 };
const updateOf = (change: Partial<BansUpdate>): BansUpdate => ({
  revision: 1,
  isFresh: false,
  bans: [],
  lifted: [],
  allowed: null,
  hasMore: false,
  ...change,
});
const banOf = (lastsMs: number | null) => ({
  id: ID,
  target: TARGET,
  serviceId: null,
  expiresAt: lastsMs === null ? null : new Date(Date.now() + lastsMs).toISOString(),
});

const ending = new Set<AbortController>();
afterEach(() => {
  for (const one of ending) one.abort();
});

function start(remembered: RememberedBans = NO_BANS) {
  const abort = new AbortController();
  ending.add(abort);
  const changes: BanChange[] = [];
  const written: RememberedBans[] = [];
  const nginx = { refusal: null as string | null };
  let urgent = 0;
  const book = new BanBook(remembered);
  const bans = startBans({
    book,
    repository: { read: async () => NO_BANS, write: async (all) => void written.push(all) },
    gate: {
      setBans: async (change) => {
        if (nginx.refusal !== null) throw new Error(nginx.refusal);
        changes.push(change);
      },
    },
    clock: { measure: () => undefined, offsetMs: () => 0, now: () => Date.now() },
    onUrgent: () => (urgent += 1),
    logger: createMemoryLog().logger,
    signal: abort.signal,
  });
  return { bans, changes, written, nginx, urgent: () => urgent, end: () => abort.abort() };
}

describe('bans', () => {
  it('of the Core are in force, on disk and acknowledged', async () => {
    const { bans, changes, written } = start();
    expect(bans.report()).toMatchObject({ revision: null, enforcedRevision: null });
    await bans.take(updateOf({ revision: 7, bans: [banOf(null)] }));
    expect(changes).toEqual([{ added: [{ network: TARGET, serviceId: null }], lifted: [] }]);
    expect(written.at(-1)?.bans).toHaveLength(1);
    expect(bans.report()).toEqual({ revision: 7, enforcedRevision: 7, limiterBans: [] });
  });

  it('end by themselves', async () => {
    const { bans, changes } = start();
    await bans.take(updateOf({ bans: [banOf(300)] }));
    await expect.poll(() => changes.at(-1)?.lifted, BOUND).toEqual([{ network: TARGET, serviceId: null }]);
  });

  it('are not acknowledged while nginx refuses them, and are tried again', async () => {
    const { bans, changes, nginx } = start();
    nginx.refusal = 'no room';
    await bans.take(updateOf({ revision: 7, bans: [banOf(null)] }));
    expect(bans.report()).toMatchObject({ revision: 7, enforcedRevision: null });
    nginx.refusal = null;
    await expect.poll(() => bans.report().enforcedRevision, BOUND).toBe(7);
    expect(changes.length).toBeGreaterThan(0);
  });

  it('ask for the rest of a large update at once', async () => {
    const { bans, urgent } = start();
    await bans.take(updateOf({ bans: [banOf(null)], hasMore: true }));
    expect(urgent()).toBe(1);
  });

  it('of the limiter are in force at once, told to the Core, and never of who is allowed', async () => {
    const { bans, changes, urgent } = start();
    await bans.take(updateOf({ allowed: [{ network: '198.51.100.0/24', expiresAt: null }] }));
    const at = { startedAt: new Date().toISOString(), expiresAt: new Date(Date.now() + 60_000).toISOString() };
    const ban = { serviceId: ID, requestsPerSecond: 300, offence: 1, ...at };
    expect(bans.ban({ ...ban, target: '198.51.100.9/32' })).toBe(false);
    expect(bans.ban({ ...ban, target: '10.0.0.9/32' })).toBe(false);
    expect(bans.ban({ ...ban, target: TARGET })).toBe(true);
    await expect.poll(() => changes.flatMap(({ added }) => added), BOUND).toEqual([{ network: TARGET, serviceId: ID }]);
    expect(urgent()).toBe(1);
    expect(bans.report().limiterBans.map(({ target }) => target)).toEqual([TARGET]);
  });

  it('leave no timer behind', async () => {
    const { bans, changes, end } = start();
    await bans.take(updateOf({ bans: [banOf(200)] }));
    end();
    await bans.finished;
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(changes).toHaveLength(1);
  });

  it('of thousands of clients at once are few changes', async () => {
    const { bans, changes, written } = start();
    const startedAt = new Date().toISOString();
    const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
    const ban = { serviceId: ID, startedAt, expiresAt, requestsPerSecond: 200, offence: 1 };
    for (let index = 0; index < 5000; index += 1)
      bans.ban({ ...ban, target: `198.18.${index >> 8}.${index & 255}/32` });
    await expect.poll(() => changes.flatMap(({ added }) => added).length, BOUND).toBe(5000);
    expect(changes.length).toBeLessThanOrEqual(3);
    await expect.poll(() => written.at(-1)?.own.length, BOUND).toBe(5000);
  });
});
