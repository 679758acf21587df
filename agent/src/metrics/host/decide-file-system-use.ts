import type { MetricValue } from '@flotilla/contracts';

/** statfs(2), in blocks and files. */
export interface FileSystemCounts {
  readonly bsize: number;
  readonly blocks: number;
  readonly bfree: number;
  /** Without what only root may use. */
  readonly bavail: number;
  readonly files: number;
  readonly ffree: number;
}

export interface FileSystemUse {
  readonly usedBytes: MetricValue;
  readonly totalBytes: MetricValue;
  /** As `df` counts it: of what programs can use, so 100 when only root's reserve is left. */
  readonly usedPercent: MetricValue;
  /** Unknown for a kind without a fixed number of inodes. */
  readonly inodesUsedPercent: MetricValue;
}

export const UNKNOWN_FILE_SYSTEM_USE: FileSystemUse = {
  usedBytes: null,
  totalBytes: null,
  usedPercent: null,
  inodesUsedPercent: null,
};

export function decideFileSystemUse(counts: FileSystemCounts): FileSystemUse {
  const { bsize, blocks, bfree, bavail, files, ffree } = counts;
  const usedBlocks = blocks - bfree;
  if (blocks <= 0 || usedBlocks < 0) return UNKNOWN_FILE_SYSTEM_USE;
  return {
    usedBytes: usedBlocks * bsize,
    totalBytes: blocks * bsize,
    usedPercent: toPercent(usedBlocks, usedBlocks + bavail),
    inodesUsedPercent: toPercent(files - ffree, files),
  };
}

function toPercent(part: number, whole: number): MetricValue {
  return whole > 0 && part >= 0 ? Math.min(100, (part / whole) * 100) : null;
}
