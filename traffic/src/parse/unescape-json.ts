const BACKSLASH = 0x5c;
const U = 0x75;
const X = 0x78;
const REPLACEMENT = 0xfffd;
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** What stands behind a backslash, and what is meant. */
const SHORT: ReadonlyMap<number, number> = new Map([
  [0x22, 0x22],
  [BACKSLASH, BACKSLASH],
  [0x2f, 0x2f],
  [0x62, 0x08],
  [0x66, 0x0c],
  [0x6e, 0x0a],
  [0x72, 0x0d],
  [0x74, 0x09],
]);

/**
 * The text of a JSON string, as RFC 8259 escapes it and with nginx's `\xHH` besides, for formats whose author left `escape=json`
 * out. What is no UTF-8 afterwards, and half of a surrogate pair, becomes U+FFFD. Never throws.
 * @param end behind the string's last byte, without its quotes
 */
export function unescapeJson(bytes: Uint8Array, start: number, end: number): string {
  const field = bytes.subarray(start, end);
  return utf8.decode(field.includes(BACKSLASH) ? unescapeBytes(field) : field);
}

function unescapeBytes(field: Uint8Array): Uint8Array {
  const plain = new Uint8Array(field.length);
  let length = 0;
  for (let at = 0; at < field.length;) {
    const byte = field[at] ?? 0;
    const next = byte === BACKSLASH ? field[at + 1] : undefined;
    const digits = next === U ? 4 : 2;
    const code = next === U || next === X ? readHex(field, at + 2, digits) : -1;
    if (code === -1) {
      const short = next === undefined ? undefined : SHORT.get(next);
      plain[length] = short ?? byte;
      length += 1;
      at += short === undefined ? 1 : 2;
    } else if (next === X) {
      plain[length] = code;
      length += 1;
      at += 4;
    } else {
      const low = isHigh(code) && field[at + 6] === BACKSLASH && field[at + 7] === U ? readHex(field, at + 8, 4) : -1;
      const isPair = low >= 0xdc00 && low <= 0xdfff;
      length = writeUtf8(plain, length, isPair ? 0x10000 + ((code & 0x3ff) << 10) + (low & 0x3ff) : code);
      at += isPair ? 12 : 6;
    }
  }
  return plain.subarray(0, length);
}

function isHigh(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff;
}

/** @returns where the next byte goes */
function writeUtf8(target: Uint8Array, at: number, code: number): number {
  const sound = code >= 0xd800 && code <= 0xdfff ? REPLACEMENT : code;
  if (sound < 0x80) {
    target[at] = sound;
    return at + 1;
  }
  const count = sound < 0x800 ? 1 : sound < 0x10000 ? 2 : 3;
  target[at] = ((0xff00 >> (count + 1)) & 0xff) | (sound >> (6 * count));
  for (let index = 1; index <= count; index += 1) target[at + index] = 0x80 | ((sound >> (6 * (count - index))) & 0x3f);
  return at + count + 1;
}

/** -1 when there are no such digits. */
function readHex(field: Uint8Array, at: number, digits: number): number {
  let value = 0;
  for (let index = 0; index < digits; index += 1) {
    const byte = field[at + index] ?? 0;
    const lower = byte | 0x20;
    const isLetter = lower >= 0x61 && lower <= 0x66;
    if (!isLetter && (byte < 0x30 || byte > 0x39)) return -1;
    value = value * 16 + (isLetter ? lower - 0x57 : byte - 0x30);
  }
  return value;
}
