import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

const NAME = /^(\d{16})\.segment$/;

export interface SegmentFile {
  readonly file: string;
  /** No record in it has a smaller one. */
  readonly firstSequence: number;
}

export function segmentFile(directory: string, firstSequence: number): string {
  return join(directory, `${String(firstSequence).padStart(16, '0')}.segment`);
}

/** In the order of their records. */
export async function listSegmentFiles(directory: string): Promise<SegmentFile[]> {
  const names = (await readdir(directory)).toSorted();
  return names.flatMap((name) => {
    const digits = NAME.exec(name)?.[1];
    return digits === undefined ? [] : [{ file: join(directory, name), firstSequence: Number(digits) }];
  });
}

export async function removeSegmentFiles(directory: string): Promise<void> {
  for (const { file } of await listSegmentFiles(directory)) await rm(file);
}
