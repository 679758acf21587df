import type { LatencyCounts, MetricResolution } from '@flotilla/contracts';
import { queryRows, type DatabaseSession } from '../database-session.ts';
import { rawLevel, type MetricLevel } from '../metrics/metric-levels.ts';
import { readStoreState } from '../metrics/store-state.repository.ts';
import {
  planMetricSegments,
  type MetricPlan,
  type MetricRangeQuery,
  type MetricSegment,
} from '../metrics/plan-metric-segments.ts';
import { renderTrafficSum } from './render-traffic-sum.ts';
import { mergeLists, type MergeTopLists, type TopLists } from './roll-up-tops.ts';
import { ALL_SERVICES, NO_SERVICE, topsLevels, trafficColumns, trafficLists } from './traffic-tables.ts';

/** Two intervals of a node: lines that come late are told a moment later. */
const FINEST_STEP_MS = 10_000;
/** Lists that are merged at once. */
const TOPS_PER_READ = 500;

/** Whose traffic; without either that of the fleet. */
export interface TrafficScope {
  readonly serviceId?: string | undefined;
  readonly agentId?: string | undefined;
}

/** Requests of one step. */
export interface TrafficSum {
  readonly requests: number;
  readonly bytesSent: number;
  readonly methods: readonly number[];
  readonly protocols: readonly number[];
  /** Pairs of a status and its count. */
  readonly statuses: readonly (readonly [status: number, count: number])[];
  readonly latency: LatencyCounts;
  readonly upstreamLatency: LatencyCounts;
}

export interface TrafficSteps {
  readonly from: Date;
  readonly to: Date;
  readonly stepMs: number;
  readonly resolution: MetricResolution;
  /** Beginning of each step, milliseconds since the epoch. */
  readonly times: readonly number[];
  /** What there is of each step; a step may have several parts. Null where no node told anything, which is not "none". */
  readonly steps: readonly (readonly TrafficSum[] | null)[];
}

interface SumRow {
  readonly step: number;
  readonly requests: number;
  readonly bytes_sent: number;
  readonly methods: number[];
  readonly protocols: number[];
  readonly statuses: number[];
  readonly status_counts: number[];
  readonly latency_buckets: number[];
  readonly latency_counts: number[];
  readonly upstream_buckets: number[];
  readonly upstream_counts: number[];
}

/** Traffic over time. @throws RangeError when the range ends before it begins */
export async function readTraffic(
  db: DatabaseSession,
  scope: TrafficScope,
  range: MetricRangeQuery,
): Promise<TrafficSteps> {
  const plan = planMetricSegments(range, await readState(db, scope), FINEST_STEP_MS);
  const { fromMs, toMs, stepMs, points, resolution } = plan;
  const steps: (TrafficSum[] | null)[] = Array.from({ length: points }, () => null);
  for (const segment of plan.segments) {
    // A node tells of each interval that it reads its log in, if only that nothing came.
    for (const step of await readKnownSteps(db, scope, plan, segment)) steps[step] ??= [];
    for (const row of await readSums(db, scope, plan, segment)) (steps[row.step] ??= []).push(formatSum(row));
  }
  return {
    from: new Date(fromMs),
    to: new Date(toMs),
    stepMs,
    resolution,
    times: steps.map((_, step) => fromMs + step * stepMs),
    steps,
  };
}

/** What came most often. @throws RangeError when the range ends before it begins */
export async function readTrafficTops(
  db: DatabaseSession,
  scope: TrafficScope,
  range: MetricRangeQuery,
  merge: MergeTopLists,
): Promise<TopLists> {
  const { segments } = planMetricSegments(range, await readState(db, scope), FINEST_STEP_MS);
  let merged: TopLists = {};
  for (const { level, fromMs, toMs } of segments) {
    // Of minutes there is no rollup: they are what is told.
    const source = topsLevels.includes(level) ? level : rawLevel;
    const { condition, parameters } = renderScope(scope, source);
    for (let offset = 0; ; offset += TOPS_PER_READ) {
      const rows = await queryRows<{ lists: TopLists }>(
        db,
        `select lists from traffic_tops${source.suffix} where at >= $1 and at < $2 and ${condition}
         order by at, agent_id, service_id limit ${TOPS_PER_READ} offset ${offset}`,
        [new Date(fromMs), new Date(toMs), ...parameters],
      );
      for (const { lists } of rows) merged = mergeLists(merged, lists, merge);
      if (rows.length < TOPS_PER_READ) break;
    }
  }
  return merged;
}

function readState(db: DatabaseSession, { agentId }: TrafficScope) {
  return readStoreState(db, 'traffic_rollups_due', agentId === undefined ? null : [agentId]);
}

async function readSums(
  db: DatabaseSession,
  scope: TrafficScope,
  { fromMs: gridMs, stepMs }: MetricPlan,
  { level, fromMs, toMs }: MetricSegment,
): Promise<SumRow[]> {
  const { condition, parameters } = renderScope(scope, level);
  const rows = `select ${renderStep(gridMs, stepMs)} as step, ${trafficColumns.join(', ')} from traffic${level.suffix}
    where at >= $1 and at < $2 and ${condition}`;
  // Numbers, and not texts as of a bigint: exact up to 2^53.
  const columns = trafficColumns.map((column) => {
    const type = trafficLists.includes(column) ? 'float8[]' : 'float8';
    return `${column}::${type} as ${column}`;
  });
  return queryRows<SumRow>(
    db,
    `select step, ${columns.join(', ')} from (${renderTrafficSum(rows, ['step'])}) as sums`,
    [new Date(fromMs), new Date(toMs), ...parameters],
  );
}

async function readKnownSteps(
  db: DatabaseSession,
  scope: TrafficScope,
  { fromMs: gridMs, stepMs }: MetricPlan,
  { level, fromMs, toMs }: MetricSegment,
): Promise<number[]> {
  const rows = await queryRows<{ step: number }>(
    db,
    `select distinct ${renderStep(gridMs, stepMs)} as step from traffic${level.suffix}
     where at >= $1 and at < $2 and service_id = '${NO_SERVICE}'
       and ($3::uuid is null or agent_id = $3)
       and ($4::uuid is null or agent_id in (select agent_id from service_nodes where service_id = $4))`,
    [new Date(fromMs), new Date(toMs), scope.agentId ?? null, scope.serviceId ?? null],
  );
  return rows.map(({ step }) => step);
}

/** Both are numbers that we computed. */
function renderStep(gridMs: number, stepMs: number): string {
  return `floor((extract(epoch from at) * 1000 - ${gridMs}) / ${stepMs})::int`;
}

function renderScope(
  { serviceId, agentId }: TrafficScope,
  level: MetricLevel,
): { readonly condition: string; readonly parameters: readonly unknown[] } {
  // Raw rows are of services; the rollups have one for all of them, which must not be counted besides.
  const wanted = serviceId ?? (level === rawLevel ? null : ALL_SERVICES);
  return {
    condition: '($3::uuid is null or service_id = $3) and ($4::uuid is null or agent_id = $4)',
    parameters: [wanted, agentId ?? null],
  };
}

function formatSum(row: SumRow): TrafficSum {
  const pairs = (values: readonly number[], counts: readonly number[]): [number, number][] =>
    values.map((value, index) => [value, counts[index] ?? 0]);
  return {
    requests: row.requests,
    bytesSent: row.bytes_sent,
    methods: row.methods,
    protocols: row.protocols,
    statuses: pairs(row.statuses, row.status_counts),
    latency: pairs(row.latency_buckets, row.latency_counts),
    upstreamLatency: pairs(row.upstream_buckets, row.upstream_counts),
  };
}
