import type { TopList } from '@flotilla/contracts';

/**
 * Two lists as one. The bounds hold on: a key that only one list has may have come as often in the other as that one's
 * `othersAtMost`, which is counted and said as error.
 * @param limit entries at most
 */
export function mergeTopLists(a: TopList, b: TopList, limit: number): TopList {
  const ofB = new Map(b.entries.map((entry) => [entry.key, entry]));
  const ofA = new Set(a.entries.map((entry) => entry.key));
  const merged = a.entries.map((entry) => {
    const other = ofB.get(entry.key) ?? { count: b.othersAtMost, error: b.othersAtMost };
    return { key: entry.key, count: entry.count + other.count, error: entry.error + other.error };
  });
  for (const { key, count, error } of b.entries) {
    if (!ofA.has(key)) merged.push({ key, count: count + a.othersAtMost, error: error + a.othersAtMost });
  }
  merged.sort((x, y) => y.count - x.count || (x.key < y.key ? -1 : 1));
  return {
    entries: merged.slice(0, limit),
    total: a.total + b.total,
    othersAtMost: Math.max(a.othersAtMost + b.othersAtMost, merged[limit]?.count ?? 0),
  };
}
