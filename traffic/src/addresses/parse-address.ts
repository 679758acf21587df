const DOT = 0x2e;
const COLON = 0x3a;
const ZERO = 0x30;
/** `ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255` */
const MAX_TEXT_LENGTH = 45;
const GROUPS = 8;
/** What stands before an IPv4 address that is written as one of IPv6 (RFC 4291 §2.5.5.2). */
export const MAPPED_WORD = 0xffff;

/**
 * 128 bits as four words, the first bits first. An IPv4 address has the form that IPv6 maps it to, `::ffff:a.b.c.d`, so the
 * two ways to write it are one address.
 */
export type AddressWords = Uint32Array;

const groups = new Uint16Array(GROUPS);
const textBytes = new Uint8Array(MAX_TEXT_LENGTH);

/** Reads an address that is a text; null when it is none. Zone indexes and other spellings of IPv4 are refused. */
export function parseAddress(text: string): AddressWords | null {
  if (text.length > MAX_TEXT_LENGTH) return null;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    textBytes[at] = code > 0x7f ? 0 : code;
  }
  const words = new Uint32Array(4);
  return readAddress(textBytes, 0, text.length, words) ? words : null;
}

/**
 * Reads an address from a line's bytes, without anything to collect afterwards. Dotted decimal without leading zeros, or the
 * forms of RFC 4291 §2.2.
 * @param end of the address, behind its last byte
 * @param words gets the address; of no meaning when it is none
 */
export function readAddress(bytes: Uint8Array, start: number, end: number, words: AddressWords): boolean {
  if (end - start < 2 || end - start > MAX_TEXT_LENGTH) return false;
  for (let at = start; at < end && at < start + 5; at += 1) {
    if (bytes[at] === COLON) return readIpv6(bytes, start, end, words);
  }
  words[0] = 0;
  words[1] = 0;
  words[2] = MAPPED_WORD;
  return readIpv4(bytes, start, end, words);
}

/** @param words gets the address as its last word */
function readIpv4(bytes: Uint8Array, start: number, end: number, words: AddressWords): boolean {
  let word = 0;
  let octet = -1;
  let dots = 0;
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte === DOT) {
      if (octet === -1) return false;
      word = word * 256 + octet;
      octet = -1;
      dots += 1;
      continue;
    }
    const digit = byte - ZERO;
    // `010` is eight to some and ten to others.
    if (digit < 0 || digit > 9 || octet === 0) return false;
    octet = (octet === -1 ? 0 : octet * 10) + digit;
    if (octet > 255) return false;
  }
  if (dots !== 3 || octet === -1) return false;
  words[3] = word * 256 + octet;
  return true;
}

function readIpv6(bytes: Uint8Array, start: number, end: number, words: AddressWords): boolean {
  let count = 0;
  /** How many groups stand before `::`; -1 without one. */
  let gapAt = -1;
  let at = start;
  if (bytes[at] === COLON) {
    if (bytes[at + 1] !== COLON) return false;
    gapAt = 0;
    at += 2;
  }
  while (at < end) {
    if (count === GROUPS) return false;
    const groupStart = at;
    let group = 0;
    for (; at < end; at += 1) {
      const digit = hexDigit(bytes[at] ?? 0);
      if (digit === -1) break;
      group = group * 16 + digit;
    }
    const length = at - groupStart;
    if (at < end && bytes[at] === DOT) {
      if (count > GROUPS - 2 || !readIpv4(bytes, groupStart, end, words)) return false;
      const word = words[3] ?? 0;
      groups[count] = word >>> 16;
      groups[count + 1] = word & 0xffff;
      count += 2;
      at = end;
      break;
    }
    if (length === 0 || length > 4) return false;
    groups[count] = group;
    count += 1;
    if (at === end) break;
    if (bytes[at] !== COLON) return false;
    at += 1;
    if (at === end) return false;
    if (bytes[at] === COLON) {
      if (gapAt !== -1) return false;
      gapAt = count;
      at += 1;
    }
  }
  if (gapAt === -1 ? count !== GROUPS : count >= GROUPS) return false;
  joinGroups(count, gapAt, words);
  return true;
}

/** Puts the groups where they belong, zeros in the gap. */
function joinGroups(count: number, gapAt: number, words: AddressWords): void {
  const behindGap = gapAt === -1 ? 0 : count - gapAt;
  const before = count - behindGap;
  words.fill(0);
  for (let index = 0; index < count; index += 1) {
    const place = index < before ? index : GROUPS - count + index;
    const word = place >> 1;
    words[word] = (words[word] ?? 0) | ((groups[index] ?? 0) << (place % 2 === 0 ? 16 : 0));
  }
}

function hexDigit(byte: number): number {
  const digit = byte - ZERO;
  if (digit >= 0 && digit <= 9) return digit;
  const letter = (byte | 0x20) - 0x61;
  return letter >= 0 && letter <= 5 ? letter + 10 : -1;
}

export function isIpv4Words(words: AddressWords): boolean {
  return words[0] === 0 && words[1] === 0 && words[2] === MAPPED_WORD;
}
