import { describe, expect, it } from 'vitest';
import { parseProcStat } from './parse-proc-stat.ts';
import { readProcOf } from './testing/kernel-files.ts';

describe('parseProcStat', () => {
  it.each([
    ['linux-3.2-i686', [0, 1]],
    ['linux-3.10-centos7', [0, 1, 2, 3]],
    ['linux-4.19-debian10', [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]],
    ['linux-5.15-ubuntu22', [0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]],
    ['linux-6.1-debian12-arm64', [0, 1, 2, 3]],
    ['linux-6.18-microvm', [0, 1]],
  ])('finds the cores of %s that are online', (host, cores) => {
    const parsed = parseProcStat(readProcOf(host, 'stat'), { withCores: true });
    expect([...(parsed?.cores.keys() ?? [])]).toEqual(cores);
    const sum = [...(parsed?.cores.values() ?? [])].reduce((total, { user }) => total + user, 0);
    // The kernel rounds each line by itself.
    expect(Math.abs((parsed?.all.user ?? 0) - sum)).toBeLessThanOrEqual(cores.length);
  });

  it('reads no cores when nobody asks for them', () => {
    const parsed = parseProcStat(readProcOf('linux-3.10-centos7', 'stat'), { withCores: false });
    expect(parsed?.all.steal).toBe(4410 + 4391 + 4402 + 4388);
    expect(parsed?.cores.size).toBe(0);
  });

  it('counts guests once: they are in user and nice already', () => {
    expect(parseProcStat('cpu  1000 100 50 7000 200 5 6 30 900 90\n', { withCores: true })?.all).toEqual({
      user: 1100,
      system: 61,
      idle: 7000,
      iowait: 200,
      steal: 30,
    });
  });

  it.each([
    ['eight columns of Linux 2.6.11', 'cpu  1 1 1 1 1 1 1 1\n', true],
    ['more columns than there are today', 'cpu  1 1 1 1 1 1 1 1 1 1 1 1\n', true],
    ['nothing', '', false],
    ['four columns of Linux 2.4', 'cpu  1 1 1 1\n', false],
    ['a column that is no number', 'cpu  1 1 x 1 1 1 1 1\n', false],
    ['a negative number', 'cpu  1 1 -1 1 1 1 1 1\n', false],
    ['cores without a line for all', 'cpu0 1 1 1 1 1 1 1 1\n', false],
    ['another file', 'MemTotal: 1 kB\n', false],
  ])('judges %s', (_, text, isKnown) => expect(parseProcStat(text, { withCores: true }) !== null).toBe(isKnown));
});
