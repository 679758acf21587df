import { randomBytes } from 'node:crypto';

/**
 * A new identifier: UUIDv7 (RFC 9562, section 5.7). Its first 48 bits are the time in milliseconds, so that new rows go
 * to the end of an index. Ids of one millisecond have no order.
 */
export function newId(now: Date = new Date()): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(now.getTime(), 0, 6);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x70, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
