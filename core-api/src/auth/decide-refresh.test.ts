import { describe, expect, it } from 'vitest';
import { decideRefresh, REUSE_GRACE_MS, type StoredRefreshToken } from './decide-refresh.ts';

const now = new Date('2026-01-01T12:00:00Z');
const ago = (ms: number) => new Date(now.getTime() - ms);
const build = (token: Partial<StoredRefreshToken>): StoredRefreshToken => ({
  expiresAt: ago(-1000),
  usedAt: null,
  revokedAt: null,
  ...token,
});

describe('decideRefresh', () => {
  it.each<[string, Partial<StoredRefreshToken>, string]>([
    ['fresh', {}, 'rotate'],
    ['used by the other tab just now', { usedAt: ago(REUSE_GRACE_MS) }, 'rotate'],
    ['used long ago', { usedAt: ago(REUSE_GRACE_MS + 1) }, 'end-family'],
    ['expired', { expiresAt: now }, 'refuse'],
    ['expired and used', { expiresAt: now, usedAt: ago(60_000) }, 'refuse'],
    ['of a family that ended', { revokedAt: ago(1) }, 'refuse'],
    ['of a family that ended, used just now', { revokedAt: ago(1), usedAt: ago(2) }, 'refuse'],
  ])('%s', (_, token, action) => {
    expect(decideRefresh(build(token), now).action).toBe(action);
  });
});
