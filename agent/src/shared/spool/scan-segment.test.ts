import { describe, expect, it } from 'vitest';
import { encodeFiller, encodeRecord } from './record.ts';
import { scanSegment } from './scan-segment.ts';

const records = [1, 2, 3].map((sequence) =>
  encodeRecord(sequence, 1000 + sequence, Buffer.from(`{"number":${sequence}}`)),
);
const content = Buffer.concat(records);
const recordBytes = content.length / 3;

const sequencesOf = (segment: Buffer) => scanSegment(segment).records.map(({ sequence }) => sequence);

function flip(at: number): Buffer {
  const copy = Buffer.from(content);
  copy.writeUInt8(copy.readUInt8(at) ^ 0x55, at);
  return copy;
}

describe('scanSegment', () => {
  it('finds what was written', () => {
    expect(scanSegment(content)).toEqual({
      records: [1, 2, 3].map((sequence) => ({
        sequence,
        sampledAt: 1000 + sequence,
        bytes: recordBytes,
        from: (sequence - 1) * recordBytes,
      })),
      damages: [],
    });
  });

  it('finds the others whichever byte of the second is damaged', () => {
    for (let at = recordBytes; at < 2 * recordBytes; at += 1) {
      const { damages } = scanSegment(flip(at));
      expect(sequencesOf(flip(at)), `byte ${at}`).toEqual([1, 3]);
      expect(damages).toEqual([{ from: recordBytes, to: 2 * recordBytes, before: 1, after: 3 }]);
    }
  });

  it('finds what is whole wherever the end is torn', () => {
    for (let end = 2 * recordBytes + 1; end < content.length; end += 1) {
      expect(sequencesOf(content.subarray(0, end)), `of ${end} bytes`).toEqual([1, 2]);
      expect(scanSegment(content.subarray(0, end)).damages).toEqual([
        { from: 2 * recordBytes, to: end, before: 2, after: null },
      ]);
    }
  });

  it('takes the zeros that a power loss leaves for damage', () => {
    const { damages } = scanSegment(Buffer.concat([content, Buffer.alloc(4096)]));
    expect(damages).toMatchObject([{ from: content.length, before: 3, after: null }]);
  });

  it('cannot be misled by a payload, which is UTF-8', () => {
    const magic = content.subarray(0, 4);
    expect(Buffer.from(JSON.stringify({ text: magic.toString('latin1') })).includes(magic)).toBe(false);
  });

  it('passes over a filler without counting it again', () => {
    const damaged = flip(recordBytes + 35);
    encodeFiller(damaged.subarray(recordBytes, 2 * recordBytes)).copy(damaged, recordBytes);
    expect(scanSegment(damaged)).toMatchObject({ records: [{ sequence: 1 }, { sequence: 3 }], damages: [] });
  });
});
