const BACKSLASH = 0x5c;
const ESCAPES = new Map<number, number>([
  [0x22, 0x22],
  [0x27, 0x27],
  [0x5c, 0x5c],
  [0x6e, 0x0a],
  [0x72, 0x0d],
  [0x74, 0x09],
]);
const LOWER_X = 0x78;

/** A field of a log as it was before the server escaped it: nginx's `\x22`, and Apache's `\"` as well. Null for `-`. */
export function unescapeField(bytes: Uint8Array, start: number, end: number): string | null {
  const field = Buffer.from(bytes.buffer, bytes.byteOffset + start, Math.max(0, end - start));
  if (field.length === 1 && field[0] === 0x2d) return null;
  if (!field.includes(BACKSLASH)) return field.toString('utf8');
  const plain = Buffer.alloc(field.length);
  let length = 0;
  for (let at = 0; at < field.length; at += 1) {
    const byte = field[at] ?? 0;
    const next = field[at + 1] ?? 0;
    const hex = byte === BACKSLASH && next === LOWER_X ? readHex(field, at + 2) : -1;
    const escaped = byte === BACKSLASH ? ESCAPES.get(next) : undefined;
    plain[length] = hex === -1 ? (escaped ?? byte) : hex;
    if (hex !== -1) at += 3;
    else if (escaped !== undefined) at += 1;
    length += 1;
  }
  return plain.toString('utf8', 0, length);
}

/** @returns -1 when there are no two digits */
function readHex(field: Buffer, at: number): number {
  const digits = field.toString('latin1', at, at + 2);
  return /^[0-9a-fA-F]{2}$/.test(digits) ? Number.parseInt(digits, 16) : -1;
}
