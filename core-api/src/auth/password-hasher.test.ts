import { describe, expect, it } from 'vitest';
import { PasswordHasher } from './password-hasher.ts';

describe('PasswordHasher', () => {
  it('makes argon2id hashes that verify', async () => {
    const hasher = new PasswordHasher();
    const hash = await hasher.hash('correct horse battery');
    expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(await hasher.verify(hash, 'correct horse battery')).toBe(true);
    expect(await hasher.verify(hash, 'correct horse batterz')).toBe(false);
  });

  it('does the same work for an unknown user and never says yes', async () => {
    const hasher = new PasswordHasher();
    await hasher.warmUp();
    expect(await hasher.verify(null, 'no user has this password')).toBe(false);
  });

  it('lets the rest wait in line, refuses what is beyond it, and goes on afterwards', async () => {
    const hasher = new PasswordHasher({ concurrency: 1, maxWaiting: 2 });
    const results = await Promise.allSettled(['a', 'b', 'c', 'd'].map((password) => hasher.hash(password)));
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'rejected']);
    expect(results[3]).toMatchObject({ reason: { status: 503, headers: { 'Retry-After': '2' } } });
    expect(await hasher.hash('e')).toMatch(/^\$argon2id/);
  });
});
