import { describe, expect, it } from 'vitest';
import { parseCount, parseIoStat, parseKeyed, parseLimit, parseServiceBytes } from './parse-cgroup-values.ts';

describe('values of control groups', () => {
  it.each([
    ['123\n', 123],
    ['0', 0],
    ['max\n', null],
    ['-1\n', null],
    ['', null],
    [null, null],
  ])('a count of %j is %j', (text, count) => expect(parseCount(text)).toBe(count));

  it.each([
    ['536870912\n', 536_870_912],
    ['max\n', null],
    ['9223372036854771712\n', null],
    [null, null],
  ])('a limit of %j is %j', (text, limit) => expect(parseLimit(text)).toBe(limit));

  it.each([
    ['inactive_file 4096\ntotal_inactive_file 8192\n', 'total_inactive_file', 8192],
    ['inactive_file 4096\ntotal_inactive_file 8192\n', 'inactive_file', 4096],
    ['low 0\noom 2\noom_kill 1\n', 'oom_kill', 1],
    ['oom_kill_disable 0\nunder_oom 0\n', 'oom_kill', null],
    ['usage_usec 12\n', 'missing', null],
    [null, 'usage_usec', null],
  ])('of %j, %s is %j', (text, key, value) => expect(parseKeyed(text, key)).toBe(value));

  it('sums the devices of version 1, without the total', () => {
    const text = '8:0 Read 100\n8:0 Write 20\n8:0 Sync 5\n8:0 Total 120\n8:16 Read 1\n8:16 Write 2\nTotal 123\n';
    expect(parseServiceBytes(text)).toEqual({ readBytes: 101, writtenBytes: 22 });
    expect(parseServiceBytes('')).toEqual({ readBytes: 0, writtenBytes: 0 });
    expect(parseServiceBytes(null)).toBeNull();
  });

  it('sums the devices of version 2, without what was discarded', () => {
    const text =
      '8:0 rbytes=100 wbytes=20 rios=1 wios=1 dbytes=7 dios=0\n8:16 rbytes=1 wbytes=2 rios=0 wios=0 dbytes=0 dios=0\n';
    expect(parseIoStat(text)).toEqual({ readBytes: 101, writtenBytes: 22 });
    expect(parseIoStat('')).toEqual({ readBytes: 0, writtenBytes: 0 });
  });
});
