import { basicAuthHashed } from '@flotilla/contracts';
import { describe, expect, it } from 'vitest';
import { hashBasicAuth, hashForNginx } from './hash-basic-auth.ts';

describe('hashForNginx', () => {
  it('is what nginx computes', () => {
    // printf 'secret!!1234' | openssl sha1 -binary | cat - <(printf 1234) | base64
    expect(hashForNginx('secret!!', Buffer.from('1234'))).toBe('{SSHA}N8FOri4VXQQnXgS3oQSS7m8vjWcxMjM0');
  });

  it('has its own salt each time', () => expect(hashForNginx('same')).not.toBe(hashForNginx('same')));
});

describe('hashBasicAuth', () => {
  const stored = { realm: 'Staff', users: [{ username: 'ann', passwordHash: hashForNginx('correct horse') }] };

  it('keeps the password of a user who comes without one', () => {
    expect(hashBasicAuth({ realm: 'Team', users: [{ username: 'ann' }] }, stored)).toEqual({
      ...stored,
      realm: 'Team',
    });
  });

  it('hashes what was typed', () => {
    const hashed = hashBasicAuth({ realm: 'Staff', users: [{ username: 'ann', password: 'battery staple' }] }, stored);
    expect(basicAuthHashed.parse(hashed)).toEqual(hashed);
    expect(JSON.stringify(hashed)).not.toContain('battery');
    expect(hashed).not.toEqual(stored);
  });

  it('names a new user without a password', () => {
    const input = { realm: 'Staff', users: [{ username: 'ann' }, { username: 'bob' }] };
    expect(() => hashBasicAuth(input, stored)).toThrow(
      expect.objectContaining({
        errors: [{ field: 'basicAuth.users.1.password', message: expect.stringContaining('bob') }],
      }),
    );
  });

  it('is switched off by null', () => expect(hashBasicAuth(null, stored)).toBeNull());
});
