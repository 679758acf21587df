import { open, readFile } from 'node:fs/promises';
import type { Logger } from '@flotilla/runtime';
import { decideLost } from './decide-lost.ts';
import { encodeFiller, RECORD_HEADER_BYTES } from './record.ts';
import { scanSegment, type Damage, type ScannedRecord } from './scan-segment.ts';
import type { SegmentFile } from './segment-files.ts';
import { Segment } from './segment.ts';

export interface CheckedSegments {
  /** Those with something to send, and the last one. */
  readonly segments: readonly Segment[];
  /** Messages that could not be read and that the bus does not have. */
  readonly lost: number;
  /** Of all records; 0 when there are none. */
  readonly lastSequence: number;
  readonly lastSampledAt: number;
}

/**
 * Reads every segment. A damaged end is cut; damage in between becomes a filler, so that it is counted once and never
 * again. Files with nothing left to send are removed.
 */
export async function checkSegments(
  files: readonly SegmentFile[],
  acknowledgedThrough: number,
  logger: Logger,
): Promise<CheckedSegments> {
  const segments: Segment[] = [];
  let [lost, lastSequence, lastSampledAt] = [0, 0, 0];
  for (const [index, file] of files.entries()) {
    const next = files[index + 1];
    let content: Buffer;
    try {
      content = await readFile(file.file);
    } catch (err) {
      logger.error({ err, file: file.file }, 'a part of the spool cannot be read; it is left where it is');
      lost += 1;
      continue;
    }
    const { records, damages } = scanSegment(content);
    for (const damage of damages) {
      const before = damage.before ?? file.firstSequence - 1;
      const after = damage.after ?? next?.firstSequence ?? null;
      lost += decideLost({ before, after, acknowledgedThrough });
      logger.warn({ file: file.file, from: damage.from, to: damage.to }, 'the spool is damaged; what is whole is sent');
      await repair(file, content, damage, logger);
    }
    const last = records.at(-1);
    lastSequence = Math.max(lastSequence, last?.sequence ?? 0);
    lastSampledAt = Math.max(lastSampledAt, ...records.slice(-1).map(({ sampledAt }) => sampledAt));
    const tail = damages.find(({ to }) => to === content.length);
    const segment = buildSegment(file, records, tail?.from ?? content.length, acknowledgedThrough);
    if (segment.unreadMessages > 0 || next === undefined) segments.push(segment);
    else await segment.remove();
  }
  return { segments, lost, lastSequence, lastSampledAt };
}

function buildSegment(
  file: SegmentFile,
  records: readonly ScannedRecord[],
  bytes: number,
  acknowledgedThrough: number,
): Segment {
  const unread = records.filter(({ sequence }) => sequence > acknowledgedThrough);
  return new Segment(file, {
    bytes,
    readFrom: unread[0]?.from ?? bytes,
    unread: { messages: unread.length, bytes: unread.reduce((sum, record) => sum + record.bytes, 0) },
    lastSequence: records.at(-1)?.sequence ?? file.firstSequence - 1,
  });
}

async function repair({ file }: SegmentFile, content: Buffer, damage: Damage, logger: Logger): Promise<void> {
  const { from, to } = damage;
  try {
    const handle = await open(file, 'r+');
    try {
      if (to === content.length) await handle.truncate(from);
      else if (to - from >= RECORD_HEADER_BYTES) {
        await handle.write(encodeFiller(content.subarray(from, to)), 0, RECORD_HEADER_BYTES, from);
      }
    } finally {
      await handle.close();
    }
  } catch (err) {
    // Readers pass over it all the same; it is counted once more at the next start.
    logger.warn({ err, file }, 'the damage in the spool cannot be marked');
  }
}
