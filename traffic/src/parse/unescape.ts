const BACKSLASH = 0x5c;
const X = 0x78;
const NEWLINE = 0x0a;
const TAB = 0x09;
const RETURN = 0x0d;
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * The text of a field as its log escapes it: nginx writes `\xHH`, Apache `\"`, `\\`, `\t`, `\n`, `\r`, `\b` and `\v` as well. What
 * is no UTF-8 afterwards becomes U+FFFD. Never throws.
 * @param end behind the field's last byte
 */
export function unescapeField(bytes: Uint8Array, start: number, end: number): string {
  const field = bytes.subarray(start, end);
  return utf8.decode(field.includes(BACKSLASH) ? unescapeBytes(field) : field);
}

function unescapeBytes(field: Uint8Array): Uint8Array {
  const plain = new Uint8Array(field.length);
  let length = 0;
  for (let at = 0; at < field.length; length += 1) {
    const byte = field[at] ?? 0;
    const next = byte === BACKSLASH ? field[at + 1] : undefined;
    if (next === undefined) {
      plain[length] = byte;
      at += 1;
      continue;
    }
    const code = next === X ? readHex(field[at + 2]) * 16 + readHex(field[at + 3]) : Number.NaN;
    plain[length] = Number.isNaN(code) ? (SHORT.get(next) ?? byte) : code;
    at += Number.isNaN(code) ? (SHORT.has(next) ? 2 : 1) : 4;
  }
  return plain.subarray(0, length);
}

/** What stands behind a backslash, and what is meant. */
const SHORT: ReadonlyMap<number, number> = new Map([
  [0x22, 0x22],
  [BACKSLASH, BACKSLASH],
  [0x62, 0x08],
  [0x6e, NEWLINE],
  [0x74, TAB],
  [0x72, RETURN],
  [0x76, 0x0b],
]);

/** NaN for what is no digit. */
function readHex(byte: number | undefined): number {
  if (byte === undefined) return Number.NaN;
  const lower = byte | 0x20;
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : Number.NaN;
}
