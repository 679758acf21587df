import { fixedCounts, sparseCounts, trafficColumns } from './traffic-tables.ts';

/**
 * Sums rows of traffic: numbers, and histograms value by value, which merges them without an error of its own.
 * @param rows a query that gives `keys` and all columns of traffic
 * @param keys what rows are summed by, at least one
 * @returns a query that gives the same columns, one row for each key
 */
export function renderTrafficSum(rows: string, keys: readonly string[]): string {
  const key = keys.join(', ');
  const histograms = sparseCounts.map(
    ({ values, counts }) => `${values}_sum as (
      select ${key}, array_agg(value order by value) as ${values}, array_agg(count order by value) as ${counts}
      from (
        select ${key}, u.value, sum(u.count)::bigint as count
        from picked cross join lateral unnest(${values}, ${counts}) as u (value, count) group by ${key}, u.value
      ) as one group by ${key}
    )`,
  );
  const fixed = fixedCounts.map(({ column, places }) => {
    const sums = Array.from({ length: places }, (_, index) => `sum(${column}[${index + 1}])::bigint`);
    return `array[${sums.join(', ')}] as ${column}`;
  });
  const columns = trafficColumns.map((column) => {
    const sparse = sparseCounts.find(({ values, counts }) => column === values || column === counts);
    return sparse === undefined ? column : `coalesce(${column}, '{}') as ${column}`;
  });
  return `with picked as materialized (${rows}),
    total as (
      select ${key}, sum(requests)::bigint as requests, sum(bytes_sent)::bigint as bytes_sent, ${fixed.join(', ')}
      from picked group by ${key}
    ), ${histograms.join(', ')}
    select ${key}, ${columns.join(', ')} from total
    ${sparseCounts.map(({ values }) => `left join ${values}_sum using (${key})`).join(' ')}`;
}
