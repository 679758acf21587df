import { decodeRecord, findNextRecord, type StoredRecord } from './record.ts';

/** Bytes that are no record, between whole ones or at the end. */
export interface Damage {
  readonly from: number;
  readonly to: number;
  /** Sequences on both sides; null when there is none on that side in this segment. */
  readonly before: number | null;
  readonly after: number | null;
}

export interface ScannedRecord extends Pick<StoredRecord, 'sequence' | 'sampledAt' | 'bytes'> {
  /** Where it begins. */
  readonly from: number;
}

export interface SegmentScan {
  readonly records: readonly ScannedRecord[];
  /** In the order of the file. Damage that reaches its end has `after` null. */
  readonly damages: readonly Damage[];
}

/** Reads a whole segment, past what is damaged. */
export function scanSegment(content: Buffer): SegmentScan {
  const records: ScannedRecord[] = [];
  const damages: Damage[] = [];
  let open: Omit<Damage, 'to' | 'after'> | null = null;
  for (let offset = 0; offset < content.length;) {
    const found = decodeRecord(content, offset);
    if (found.kind === 'damaged' || found.kind === 'incomplete') {
      open = { from: offset, before: records.at(-1)?.sequence ?? null };
      offset = findNextRecord(content, offset + 1);
      if (offset === content.length) damages.push({ ...open, to: offset, after: null });
      continue;
    }
    const bytes = found.kind === 'record' ? found.record.bytes : found.bytes;
    if (open !== null)
      damages.push({ ...open, to: offset, after: found.kind === 'record' ? found.record.sequence : null });
    open = null;
    if (found.kind === 'record') {
      const { sequence, sampledAt } = found.record;
      records.push({ from: offset, sequence, sampledAt, bytes });
    }
    offset += bytes;
  }
  return { records, damages };
}
