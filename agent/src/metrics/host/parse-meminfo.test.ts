import { describe, expect, it } from 'vitest';
import { parseMeminfo } from './parse-meminfo.ts';
import { readProcOf } from './testing/kernel-files.ts';

const KIB = 1024;
const UNKNOWN = { memoryUsedBytes: null, memoryTotalBytes: null, swapUsedBytes: null, swapTotalBytes: null };

describe('parseMeminfo', () => {
  it.each([
    ['linux-3.10-centos7', 3_881_692 - 2_401_180, 3_881_692, 2_097_148 - 2_012_200, 2_097_148],
    ['linux-4.19-debian10', 65_831_260 - 22_033_440, 65_831_260, 0, 0],
    ['linux-5.15-ubuntu22', 32_862_536 - 27_120_334, 32_862_536, 1024, 4_194_300],
    ['linux-6.1-debian12-arm64', 3_884_340 - 3_120_334, 3_884_340, 0, 102_396],
    ['linux-6.18-microvm', 24_684_092 - 22_367_412, 24_684_092, 0, 0],
  ])('reads %s', (host, memoryUsed, memoryTotal, swapUsed, swapTotal) =>
    expect(parseMeminfo(readProcOf(host, 'meminfo'))).toEqual({
      memoryUsedBytes: memoryUsed * KIB,
      memoryTotalBytes: memoryTotal * KIB,
      swapUsedBytes: swapUsed * KIB,
      swapTotalBytes: swapTotal * KIB,
    }),
  );

  it('estimates what is available where the kernel does not say it', () => {
    const available = 141_560 + 203_324 + (1_102_200 - 4200) + 98_304;
    expect(parseMeminfo(readProcOf('linux-3.2-i686', 'meminfo')).memoryUsedBytes).toBe((2_067_756 - available) * KIB);
  });

  it.each([
    ['nothing', '', UNKNOWN],
    ['neither free nor available memory', 'MemTotal:  8 kB\n', { ...UNKNOWN, memoryTotalBytes: 8 * KIB }],
    [
      'more available than there is',
      'MemTotal:  8 kB\nMemAvailable:  9 kB\n',
      { ...UNKNOWN, memoryTotalBytes: 8 * KIB, memoryUsedBytes: 0 },
    ],
    ['no total', 'MemAvailable:  9 kB\nSwapFree:  9 kB\n', UNKNOWN],
    ['numbers that are none', 'MemTotal:  -8 kB\nMemFree:  x kB\n', UNKNOWN],
  ])('reads %s', (_, text, use) => expect(parseMeminfo(text)).toEqual(use));
});
