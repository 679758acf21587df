import { formatAddress } from './format-address.ts';
import { isIpv4Words, parseAddress, type AddressWords } from './parse-address.ts';

const MAPPED_BITS = 96;
const ALL_BITS = 128;

/** A network, or an address as a network of one. */
export interface Cidr {
  /** The bits behind the prefix are 0. */
  readonly words: AddressWords;
  /** Of 128: an IPv4 /24 has 120. */
  readonly prefixBits: number;
}

/** Reads `203.0.113.7`, `203.0.113.0/24` or `2001:db8::/32`; null when it is none. Bits behind the prefix are dropped. */
export function parseCidr(text: string): Cidr | null {
  const slash = text.indexOf('/');
  const words = parseAddress(slash === -1 ? text : text.slice(0, slash));
  if (words === null) return null;
  if (slash === -1) return { words, prefixBits: ALL_BITS };
  const typed = text.slice(slash + 1);
  if (!/^(0|[1-9]\d{0,2})$/.test(typed)) return null;
  // A mapped network in IPv6's spelling counts all 128 bits, one in IPv4's only the last 32.
  const prefixBits = Number(typed) + (text.includes(':') ? 0 : MAPPED_BITS);
  return prefixBits > ALL_BITS ? null : networkOf(words, prefixBits);
}

/** @throws {TypeError} when it is none: for networks that the program itself names */
export function cidrOf(text: string): Cidr {
  const parsed = parseCidr(text);
  if (parsed === null) throw new TypeError(`${text} is not an address or network`);
  return parsed;
}

/** The network of an address. @param prefixBits of 128 */
export function networkOf(words: AddressWords, prefixBits: number): Cidr {
  return { words: words.map((word, index) => (word & maskOf(prefixBits - index * 32)) >>> 0), prefixBits };
}

/** Whether all of `inner` lies within `outer`. */
export function containsCidr(outer: Cidr, inner: Cidr): boolean {
  return outer.prefixBits <= inner.prefixBits && containsAddress(outer, inner.words);
}

export function containsAddress({ words, prefixBits }: Cidr, address: AddressWords): boolean {
  for (let index = 0; index * 32 < prefixBits; index += 1) {
    const difference = (words[index] ?? 0) ^ (address[index] ?? 0);
    if ((difference & maskOf(prefixBits - index * 32)) !== 0) return false;
  }
  return true;
}

/** Whether they have an address in common: of two networks one is always within the other, or they have none. */
export function overlaps(one: Cidr, other: Cidr): boolean {
  return containsCidr(one, other) || containsCidr(other, one);
}

/** Canonical, always with its prefix length. */
export function formatCidr({ words, prefixBits }: Cidr): string {
  const isIpv4 = isIpv4Words(words) && prefixBits >= MAPPED_BITS;
  return `${formatAddress(words)}/${isIpv4 ? prefixBits - MAPPED_BITS : prefixBits}`;
}

/** @param bits of this word that belong to the prefix; may be less than 0, or more than 32 */
function maskOf(bits: number): number {
  if (bits <= 0) return 0;
  return bits >= 32 ? 0xffffffff : (0xffffffff << (32 - bits)) >>> 0;
}
