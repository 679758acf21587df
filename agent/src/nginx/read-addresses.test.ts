import { describe, expect, it } from 'vitest';
import { createAddressBook } from './read-addresses.ts';

const BOUND_MS = 20;

describe('createAddressBook', () => {
  it('takes an address as its own', () => {
    const book = createAddressBook(() => Promise.reject(new Error('not asked')), BOUND_MS);
    expect(book.find('192.0.2.1')).toEqual({ ok: true, addresses: ['192.0.2.1'] });
    expect(book.find('2001:db8::1')).toEqual({ ok: true, addresses: ['2001:db8::1'] });
  });

  it('follows a name, and keeps what it knew when the name does not resolve any more', async () => {
    const answers: (readonly string[] | null)[] = [['192.0.2.1'], ['192.0.2.2'], null, []];
    const book = createAddressBook(async () => {
      const answer = answers.shift();
      if (answer === undefined || answer === null) throw new Error('ENOTFOUND');
      return answer;
    }, BOUND_MS);
    const seen: unknown[] = [];
    for (let round = 0; round < 4; round += 1) {
      await book.refresh(['a.internal']);
      seen.push(book.find('a.internal'));
    }
    expect(seen).toEqual([
      { ok: true, addresses: ['192.0.2.1'] },
      { ok: true, addresses: ['192.0.2.2'] },
      { ok: true, addresses: ['192.0.2.2'] },
      { ok: true, addresses: ['192.0.2.2'] },
    ]);
  });

  it('knows nothing of a name that never resolved', async () => {
    const book = createAddressBook(() => Promise.reject(new Error('ENOTFOUND')), BOUND_MS);
    await book.refresh(['a.internal']);
    expect(book.find('a.internal')).toEqual({ ok: false });
  });

  it('does not wait longer than its bound, asks once meanwhile, and takes the late answer', async () => {
    let asked = 0;
    let answer: (addresses: string[]) => void = () => undefined;
    const book = createAddressBook(() => {
      asked += 1;
      return new Promise((resolve) => (answer = resolve));
    }, BOUND_MS);
    await book.refresh(['slow.internal']);
    await book.refresh(['slow.internal']);
    expect([asked, book.find('slow.internal')]).toEqual([1, { ok: false }]);
    answer(['192.0.2.9']);
    await book.refresh(['slow.internal']);
    expect(book.find('slow.internal')).toEqual({ ok: true, addresses: ['192.0.2.9'] });
  });

  it('learns only what it does not know', async () => {
    const asked: string[] = [];
    const book = createAddressBook(async (host) => {
      asked.push(host);
      return ['192.0.2.1'];
    }, BOUND_MS);
    book.remember('known.internal', ['192.0.2.5']);
    await book.learn(['known.internal', 'new.internal', '192.0.2.3']);
    expect(asked).toEqual(['new.internal']);
    expect(book.find('known.internal')).toEqual({ ok: true, addresses: ['192.0.2.5'] });
  });
});
