import { describe, expect, it } from 'vitest';
import { planConfigDiff } from './plan-config-diff.ts';

const short = (before: string, after: string) =>
  planConfigDiff(before, after).map(({ kind, text }) => `${{ same: ' ', added: '+', removed: '-' }[kind]}${text}`);

describe('planConfigDiff', () => {
  it.each([
    ['equal files', 'a\nb\n', 'a\nb\n', [' a', ' b']],
    ['a changed line', 'a\nb\nc\n', 'a\nx\nc\n', [' a', '-b', '+x', ' c']],
    ['a line more', 'a\n', 'a\nb\n', [' a', '+b']],
    ['an empty line', 'a\n\nb\n', 'a\nb\n', [' a', '-', ' b']],
    ['an empty file', '', 'a\n', ['+a']],
    ['a missing line break at the end', 'a\nb', 'a\nb\n', [' a', ' b']],
  ])('compares %s', (_, before, after, expected) => expect(short(before, after)).toEqual(expected));

  it('shows files that have nothing in common one after the other', () => {
    const fileOf = (word: string) => Array.from({ length: 5000 }, (_, index) => `${word} ${index}`).join('\n');
    const lines = short(fileOf('old'), fileOf('new'));
    expect(lines).toHaveLength(10_000);
    expect([lines[0], lines[4999], lines[5000]]).toEqual(['-old 0', '-old 4999', '+new 0']);
  });
});
