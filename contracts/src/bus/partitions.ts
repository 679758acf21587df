/** Shares of the keyed streams; a constant of the whole system, because the subjects of stored messages contain it. */
export const PARTITIONS = 16;

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** The partition that a key (an agent's id, a service's id, an address) belongs to, 0 to 15; FNV-1a over UTF-16 units. */
export function partitionOf(key: string): number {
  let hash = FNV_OFFSET;
  for (let index = 0; index < key.length; index += 1) {
    hash = Math.imul(hash ^ key.charCodeAt(index), FNV_PRIME);
  }
  return (hash >>> 0) % PARTITIONS;
}
