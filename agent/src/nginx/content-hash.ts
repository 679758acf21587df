import { createHash } from 'node:crypto';

/** SHA-256 in hex, cut to 128 bits: names of files that are told apart by content. */
export function contentHash(...parts: readonly string[]): string {
  const hash = createHash('sha256');
  // The length keeps ['ab', 'c'] and ['a', 'bc'] apart.
  for (const part of parts) hash.update(`${part.length}:${part}`);
  return hash.digest('hex').slice(0, 32);
}
