import { isIpv4Words, type AddressWords } from './parse-address.ts';

/** Dotted decimal, or the form of RFC 5952; a mapped address is written as the IPv4 one that it is. */
export function formatAddress(words: AddressWords): string {
  if (isIpv4Words(words)) {
    const word = words[3] ?? 0;
    return `${word >>> 24}.${(word >>> 16) & 255}.${(word >>> 8) & 255}.${word & 255}`;
  }
  const groups = [...words].flatMap((word) => [word >>> 16, word & 0xffff]);
  const { start, length } = findZeros(groups);
  const hex = groups.map((group) => group.toString(16));
  // One zero alone is written as what it is (§4.2.2).
  if (length < 2) return hex.join(':');
  return `${hex.slice(0, start).join(':')}::${hex.slice(start + length).join(':')}`;
}

/** The longest run of zeros, the first of those that are equally long. */
function findZeros(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  for (let start = 0; start < groups.length; start += 1) {
    let end = start;
    while (groups[end] === 0) end += 1;
    if (end - start > best.length) best = { start, length: end - start };
  }
  return best;
}
