import { partitionOf } from '@flotilla/contracts';
import { formatCidr, networkOf, parseCidr, type Cidr } from './cidr.ts';
import { formatAddress } from './format-address.ts';
import { isIpv4Words, MAPPED_WORD, parseAddress, type AddressWords } from './parse-address.ts';

const IPV4_NETWORK_BITS = 96 + 24;
const IPV6_NETWORK_BITS = 64;

/** Who one client is, as contracts' `clientKey` has it: an IPv4 address, or the /64 of an IPv6 one. Null for no address. */
export function clientKeyOf(address: string): string | null {
  const words = parseAddress(address);
  return words === null ? null : formatClientKey(words);
}

export function formatClientKey(words: AddressWords): string {
  return isIpv4Words(words) ? formatAddress(words) : formatCidr(networkOf(words, IPV6_NETWORK_BITS));
}

/**
 * The same in 64 bits, for tables of numbers. The words of an IPv4 address and of a /64 are never the same two: what IPv6
 * would have there is reserved (`0:ffff::/32`).
 */
export function clientHigh(words: AddressWords): number {
  return isIpv4Words(words) ? MAPPED_WORD : (words[0] ?? 0);
}
export function clientLow(words: AddressWords): number {
  return (isIpv4Words(words) ? words[3] : words[1]) ?? 0;
}

/** The client that two such words stand for, as `clientKeyOf` gives it. */
export function formatClientWords(high: number, low: number): string {
  return formatClientKey(wordsOfClient(high, low));
}

/** The address that two such words are of; of a /64 its first one. */
export function wordsOfClient(high: number, low: number): AddressWords {
  return high === MAPPED_WORD ? Uint32Array.of(0, 0, MAPPED_WORD, low) : Uint32Array.of(high, low, 0, 0);
}

/** The network that a client is in, /24 or /64; what is too wide to say is null. */
export function networkOfClient(client: string): Cidr | null {
  const parsed = parseCidr(client);
  return parsed === null ? null : networkOfWords(parsed.words);
}

function networkOfWords(words: AddressWords): Cidr {
  return networkOf(words, isIpv4Words(words) ? IPV4_NETWORK_BITS : IPV6_NETWORK_BITS);
}

/**
 * Where a client's suspects travel. By its network and not by its address: a rule that counts whole networks sees all of one
 * in one partition, and so does a rule that counts clients.
 * @param client a key as `clientKeyOf` gives it
 * @throws {TypeError} when it is none
 */
export function suspectsPartition(client: string): number {
  const network = networkOfClient(client);
  if (network === null) throw new TypeError(`${client} is not a client`);
  return partitionOf(formatCidr(network));
}
