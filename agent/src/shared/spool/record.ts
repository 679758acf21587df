import { crc32 } from 'node:zlib';

/**
 * One message on disk, numbers little-endian:
 *
 *     magic (4) · CRC-32 of all that follows (4) · length of the payload (4) · sequence (8) · sampledAt (8) · payload
 *
 * The magic begins with a byte that no UTF-8 text contains, so that after damage the next record is found by looking for
 * it: a payload is JSON and cannot imitate one.
 */
const MAGIC = Buffer.from([0xf1, 0x0a, 0x5e, 0xd1]);
const CRC_AT = 4;
const LENGTH_AT = 8;
const SEQUENCE_AT = 12;
const SAMPLED_AT = 20;
export const RECORD_HEADER_BYTES = 28;

/** A longer payload is damage: the bus takes 1 MiB, and a filler may cover a whole segment. */
export const MAX_PAYLOAD_BYTES = 4 * 2 ** 20;
/** Sequence of a filler, which stands where damage was found; messages are numbered from 1. */
const FILLER_SEQUENCE = 0;

/** What was read; `payload` is a view of the buffer that was searched. */
export interface StoredRecord {
  readonly sequence: number;
  /** Milliseconds since the epoch by the Core's clock. */
  readonly sampledAt: number;
  readonly payload: Uint8Array;
  /** On disk, header included. */
  readonly bytes: number;
}

/** What stands at a place: a record, a filler to pass over, the beginning of a record, or damage. */
type Found =
  | { readonly kind: 'record'; readonly record: StoredRecord }
  | { readonly kind: 'filler'; readonly bytes: number }
  /** `bytes` of it are needed to tell. */
  | { readonly kind: 'incomplete'; readonly bytes: number }
  | { readonly kind: 'damaged' };

export function encodeRecord(sequence: number, sampledAt: number, payload: Uint8Array): Buffer {
  const record = Buffer.allocUnsafe(RECORD_HEADER_BYTES + payload.length);
  MAGIC.copy(record);
  record.writeUInt32LE(payload.length, LENGTH_AT);
  record.writeDoubleLE(sequence, SEQUENCE_AT);
  record.writeDoubleLE(sampledAt, SAMPLED_AT);
  record.set(payload, RECORD_HEADER_BYTES);
  record.writeUInt32LE(crc32(record.subarray(LENGTH_AT)), CRC_AT);
  return record;
}

/** Header that turns damaged bytes into one record to pass over. @param damaged at least a header long */
export function encodeFiller(damaged: Uint8Array): Buffer {
  const filler = encodeRecord(FILLER_SEQUENCE, 0, damaged.subarray(RECORD_HEADER_BYTES));
  return filler.subarray(0, RECORD_HEADER_BYTES);
}

/** Looks at what begins at `offset`. */
export function decodeRecord(buffer: Buffer, offset: number): Found {
  const left = buffer.length - offset;
  const magic = buffer.subarray(offset, offset + MAGIC.length);
  if (!magic.equals(MAGIC.subarray(0, magic.length))) return { kind: 'damaged' };
  if (left < RECORD_HEADER_BYTES) return { kind: 'incomplete', bytes: RECORD_HEADER_BYTES };
  const length = buffer.readUInt32LE(offset + LENGTH_AT);
  if (length > MAX_PAYLOAD_BYTES) return { kind: 'damaged' };
  const bytes = RECORD_HEADER_BYTES + length;
  if (left < bytes) return { kind: 'incomplete', bytes };
  const isWhole = crc32(buffer.subarray(offset + LENGTH_AT, offset + bytes)) === buffer.readUInt32LE(offset + CRC_AT);
  if (!isWhole) return { kind: 'damaged' };
  const sequence = buffer.readDoubleLE(offset + SEQUENCE_AT);
  if (sequence === FILLER_SEQUENCE) return { kind: 'filler', bytes };
  const sampledAt = buffer.readDoubleLE(offset + SAMPLED_AT);
  const payload = buffer.subarray(offset + RECORD_HEADER_BYTES, offset + bytes);
  return { kind: 'record', record: { sequence, sampledAt, payload, bytes } };
}

/** Where the next whole record or filler after damage begins; the buffer's end when there is none. */
export function findNextRecord(buffer: Buffer, after: number): number {
  for (let at = buffer.indexOf(MAGIC, after); at !== -1; at = buffer.indexOf(MAGIC, at + 1)) {
    const { kind } = decodeRecord(buffer, at);
    if (kind === 'record' || kind === 'filler') return at;
  }
  return buffer.length;
}
