const FNV_PRIME = 0x01000193;

/**
 * 32 bits of some bytes, as a small integer: FNV-1a and MurmurHash3's finaliser.
 * @param seed unknown to strangers where it matters that they find no two that are alike
 */
export function hashBytes(bytes: Uint8Array, start: number, end: number, seed: number): number {
  let hash = seed;
  for (let at = start; at < end; at += 1) hash = Math.imul(hash ^ (bytes[at] ?? 0), FNV_PRIME);
  return mixBits(hash);
}

/** 32 bits of two words. */
export function hashWords(high: number, low: number, seed: number): number {
  return mixBits(Math.imul(mixBits(seed ^ high), FNV_PRIME) ^ low);
}

function mixBits(word: number): number {
  let hash = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
