import { topListNames, type TopListName, type TrafficTotal, type TopList } from '@flotilla/contracts';

export interface TopRow {
  readonly key: string;
  readonly count: number;
  /** Of all that was counted, 0 to 1. */
  readonly share: number;
  /** The count may be too high by that much. */
  readonly error: number;
}

export type TopTableName = TopListName | 'statuses' | 'methods' | 'protocols';

export interface TopTable {
  readonly name: TopTableName;
  readonly rows: readonly TopRow[];
}

const SHOWN = 10;

/** What came most often, list by list; those without anything are left out. */
export function planTops(
  lists: Readonly<Partial<Record<TopListName, TopList>>>,
  { requests, statuses, methods, protocols }: TrafficTotal,
): TopTable[] {
  const counted = topListNames.map((name) => ({
    name,
    rows: (lists[name]?.entries ?? []).map((entry) => ({ ...entry, share: entry.count / (lists[name]?.total ?? 1) })),
  }));
  const exact = (name: TopTableName, pairs: readonly (readonly [key: string, count: number])[]): TopTable => ({
    name,
    rows: pairs
      .filter(([, count]) => count > 0)
      .map(([key, count]) => ({ key, count, error: 0, share: count / requests }))
      .toSorted((a, b) => b.count - a.count),
  });
  const tables: TopTable[] = [
    ...counted,
    exact('statuses', statuses.map(({ status, count }) => [String(status), count])), // prettier-ignore
    exact('methods', Object.entries(methods)),
    exact('protocols', Object.entries(protocols)),
  ];
  return tables.filter(({ rows }) => rows.length > 0).map(({ name, rows }) => ({ name, rows: rows.slice(0, SHOWN) }));
}
