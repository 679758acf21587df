import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createSecretBox, SealError } from './secret-box.ts';

const box = createSecretBox(randomBytes(32));

describe('createSecretBox', () => {
  it.each(['', 'x', 'pass wörd\n', 'a'.repeat(32_768)])('opens what it has sealed', (text) => {
    expect(box.open(box.seal(text))).toBe(text);
  });

  it('seals one text differently each time, and shows nothing of it', () => {
    expect(box.seal('password')).not.toBe(box.seal('password'));
    expect(Buffer.from(box.seal('password').slice(3), 'base64url').toString('latin1')).not.toContain('password');
  });

  it('opens nothing that was changed, cut, or sealed with another key', () => {
    const sealed = box.seal('password');
    const changed = Buffer.from(sealed.slice(3), 'base64url');
    changed[20] = (changed[20] ?? 0) ^ 1;
    const others = [
      `v1.${changed.toString('base64url')}`,
      sealed.slice(0, -4),
      sealed.slice(3),
      'v1.',
      'password',
      createSecretBox(randomBytes(32)).seal('password'),
    ];
    for (const other of others) expect(() => box.open(other)).toThrow(SealError);
  });
});
