import { MAX_COMPARED, MAX_METRICS_PER_QUERY } from '@flotilla/contracts';

/** Names of series in as many questions as the API needs to answer each with all its lines. */
export function planSeriesQueries(names: readonly string[], containers: number): string[][] {
  const size = Math.max(1, Math.min(MAX_METRICS_PER_QUERY, Math.floor(MAX_COMPARED / Math.max(1, containers))));
  return Array.from({ length: Math.ceil(names.length / size) }, (_, part) =>
    names.slice(part * size, (part + 1) * size),
  );
}
