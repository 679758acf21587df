import { describe, expect, it } from 'vitest';
import { decideFileSystemUse, UNKNOWN_FILE_SYSTEM_USE } from './decide-file-system-use.ts';

const counts = { bsize: 4096, blocks: 1000, bfree: 400, bavail: 350, files: 200, ffree: 150 };

describe('decideFileSystemUse', () => {
  it('counts as df does: root’s reserve is neither used nor to be had', () => {
    expect(decideFileSystemUse(counts)).toEqual({
      usedBytes: 600 * 4096,
      totalBytes: 1000 * 4096,
      usedPercent: (600 / 950) * 100,
      inodesUsedPercent: 25,
    });
  });

  it.each([
    ['full for programs, with root’s reserve left', { bavail: 0 }, { usedPercent: 100 }],
    [
      'no fixed number of inodes (btrfs, vfat)',
      { files: 0, ffree: 0 },
      { inodesUsedPercent: null, usedPercent: (600 / 950) * 100 },
    ],
    ['more inodes free than there are', { ffree: 300 }, { inodesUsedPercent: null }],
    ['empty', { bfree: 1000, bavail: 950 }, { usedBytes: 0, usedPercent: 0 }],
    ['without blocks', { blocks: 0, bfree: 0, bavail: 0 }, UNKNOWN_FILE_SYSTEM_USE],
    ['more free than there is', { bfree: 2000 }, UNKNOWN_FILE_SYSTEM_USE],
  ])('%s', (_, some, use) => expect(decideFileSystemUse({ ...counts, ...some })).toMatchObject(use));
});
