import {
  getAgentMetrics,
  getContainerMetrics,
  getFleetMetrics,
  getSeriesMetrics,
  getServiceMetrics,
  listAgentSeries,
  listContainerUsage,
} from '@flotilla/contracts';
import { listContainerUsage as readContainerUsage, listSeriesNames } from '@flotilla/core-db';
import { handle, type BoundRoute, type TextAnswer } from '../http/index.ts';
import {
  assertAgent,
  readAgentMetrics,
  readContainerMetrics,
  readFleetMetrics,
  readSeriesMetrics,
  readServiceMetrics,
  type MetricsReaderDeps,
} from './read-metrics.ts';
import { renderCsv, type Chart } from './render-csv.ts';

/** Points of a sparkline. */
const SPARKLINE_POINTS = 60;

export function metricsRoutes(deps: MetricsReaderDeps): BoundRoute[] {
  const { database } = deps;
  return [
    handle(getAgentMetrics, ({ params, query }) => readAgentMetrics(deps, params.id, query), { renderText }),
    handle(getFleetMetrics, ({ query }) => readFleetMetrics(deps, query, SPARKLINE_POINTS), { renderText }),
    handle(getContainerMetrics, ({ params, query }) => readContainerMetrics(deps, params.id, query), { renderText }),
    handle(getServiceMetrics, ({ params, query }) => readServiceMetrics(deps, params.id, query), { renderText }),
    handle(getSeriesMetrics, ({ params, query }) => readSeriesMetrics(deps, params.id, query), { renderText }),
    handle(listContainerUsage, async ({ params }) => {
      await assertAgent(database, params.id);
      return { items: await readContainerUsage(database, params.id) };
    }),
    handle(listAgentSeries, async ({ params, query }) => {
      await assertAgent(database, params.id);
      const { prefix, container: containers, limit } = query;
      return listSeriesNames(database, params.id, { prefix, containers, limit });
    }),
  ];
}

/** The answer as a file where the caller asked for one. */
function renderText(query: { readonly format: 'json' | 'csv' }, answer: Chart): TextAnswer | null {
  if (query.format === 'json') return null;
  return { contentType: 'text/csv; charset=utf-8; header=present', fileName: 'metrics.csv', text: renderCsv(answer) };
}
