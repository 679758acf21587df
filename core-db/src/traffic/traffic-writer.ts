import type { ServiceTops, ServiceTraffic, TrafficMessage } from '@flotilla/contracts';
import { isMissingPartition } from '../database-errors.ts';
import { inTransaction, type Database } from '../database.ts';
import { queryRows, type DatabaseSession } from '../database-session.ts';
import { markBucketsDue } from '../metrics/due-rollup.repository.ts';
import { ensurePartitions } from '../metrics/maintain-partitions.ts';
import { rollupLevels } from '../metrics/metric-levels.ts';
import { storableText } from '../storable-text.ts';
import { NO_SERVICE, partitionedTraffic, trafficColumns } from './traffic-tables.ts';

/** As for samples: clocks may differ by that. */
const FUTURE_MS = 300_000;
const [minuteLevel, firstTopsLevel] = rollupLevels;

/** What a node told. */
export interface AgentTraffic {
  readonly agentId: string;
  readonly message: TrafficMessage;
}

/** What became of a batch. */
export interface TrafficWriteResult {
  /** Rows that are new in the tables. */
  readonly rows: number;
  /** Rows that were there already. */
  readonly duplicates: number;
  /** Of nodes or services that were removed, older than such rows are kept, or of more than 5 minutes after now. */
  readonly refused: number;
}

/** A part of a message, with its key. */
interface Told<Part> {
  readonly agentId: string;
  readonly serviceId: string;
  readonly sentAtMs: number;
  readonly part: Part;
}

/**
 * Stores traffic in one transaction: when it resolves, everything that was not refused is in the tables exactly once; when it
 * rejects, nothing of the call is. May be called in any number of processes.
 * @throws what the database throws (`isDatabaseUnavailable`); the same call may be repeated
 */
export async function writeTraffic(database: Database, batch: readonly AgentTraffic[]): Promise<TrafficWriteResult> {
  try {
    return await inTransaction(database, (tx) => writeOnce(tx, batch));
  } catch (err) {
    if (!isMissingPartition(err)) throw err;
    // Maintenance makes them ahead; it may not have run for days, and traffic must not wait for it.
    await ensurePartitions(database, partitionedTraffic);
    return inTransaction(database, (tx) => writeOnce(tx, batch));
  }
}

async function writeOnce(tx: DatabaseSession, batch: readonly AgentTraffic[]): Promise<TrafficWriteResult> {
  const isAccepted = await decideAccepted(tx, batch);
  const services = batch.flatMap((one) => split(one, one.message.services));
  const tops = batch.flatMap((one) => split(one, one.message.tops));
  const acceptedServices = services.filter(isAccepted);
  const acceptedTops = tops.filter(isAccepted);
  const rows =
    (await insertRows(tx, 'traffic', trafficColumns, acceptedServices.map(formatService))) +
    (await insertRows(tx, 'traffic_tops', ['lists'], acceptedTops.map(formatTops)));
  if (minuteLevel !== undefined)
    await markBucketsDue(tx, 'traffic_rollups_due', minuteLevel, acceptedServices.map(placeOf));
  if (firstTopsLevel !== undefined)
    await markBucketsDue(tx, 'traffic_rollups_due', firstTopsLevel, acceptedTops.map(placeOf));
  const accepted = acceptedServices.length + acceptedTops.length;
  return { rows, duplicates: accepted - rows, refused: services.length + tops.length - accepted };
}

function split<Part extends { readonly serviceId: string | null }>(
  { agentId, message }: AgentTraffic,
  parts: readonly Part[],
): Told<Part>[] {
  return parts.map((part) => ({ agentId, serviceId: part.serviceId ?? NO_SERVICE, sentAtMs: message.sampledAt, part }));
}

async function decideAccepted(
  tx: DatabaseSession,
  batch: readonly AgentTraffic[],
): Promise<(told: Told<{ readonly from: number }>) => boolean> {
  const named = batch.flatMap(({ message }) => [...message.services, ...message.tops]);
  const [state] = await queryRows<{ nowMs: number; keepMs: string; agents: string[]; services: string[] }>(
    tx,
    `select extract(epoch from now())::float8 * 1000 as "nowMs",
       (select keep_ms from metric_retention where level = 'raw') as "keepMs",
       array(select id::text from agents where id = any($1::uuid[])) as agents,
       array(select id::text from services where id = any($2::uuid[])) as services`,
    [
      [...new Set(batch.map(({ agentId }) => agentId))],
      [...new Set(named.flatMap(({ serviceId }) => (serviceId === null ? [] : [serviceId])))],
    ],
  );
  if (state === undefined) throw new Error('the database does not say what time it is');
  const agents = new Set(state.agents);
  const services = new Set([NO_SERVICE, ...state.services]);
  const earliestMs = state.nowMs - Number(state.keepMs);
  const latestMs = state.nowMs + FUTURE_MS;
  return ({ agentId, serviceId, part: { from } }) =>
    agents.has(agentId) && services.has(serviceId) && from >= earliestMs && from <= latestMs;
}

/** A row as JSON, with the key's columns. */
type Row = Readonly<Record<string, unknown>>;

function formatService({ part, ...told }: Told<ServiceTraffic>): Row {
  return {
    ...formatKey(told, part.from),
    requests: part.requests,
    bytes_sent: part.bytesSent,
    methods: part.methods,
    protocols: part.protocols,
    statuses: part.statuses.map(([status]) => status),
    status_counts: part.statuses.map(([, count]) => count),
    latency_buckets: part.latency.map(([bucket]) => bucket),
    latency_counts: part.latency.map(([, count]) => count),
    upstream_buckets: part.upstreamLatency.map(([bucket]) => bucket),
    upstream_counts: part.upstreamLatency.map(([, count]) => count),
  };
}

function formatTops({ part, ...told }: Told<ServiceTops>): Row {
  const lists = Object.entries(part.lists).map(([name, list]) => [
    name,
    { ...list, entries: list.entries.map((entry) => ({ ...entry, key: storableText(entry.key) })) },
  ]);
  return { ...formatKey(told, part.from), lists: Object.fromEntries(lists) };
}

function formatKey({ agentId, serviceId, sentAtMs }: Omit<Told<unknown>, 'part'>, fromMs: number): Row {
  const [at, sentAt] = [fromMs, sentAtMs].map((ms) => new Date(ms).toISOString());
  return { agent_id: agentId, service_id: serviceId, at, sent_at: sentAt };
}

function placeOf({ agentId, part }: Told<{ readonly from: number }>): { agentId: string; atMs: number } {
  return { agentId, atMs: part.from };
}

/** In the order of their keys: writers that hold rows of each other's batches would wait in a circle otherwise. */
async function insertRows(
  tx: DatabaseSession,
  table: 'traffic' | 'traffic_tops',
  columns: readonly string[],
  rows: readonly Row[],
): Promise<number> {
  if (rows.length === 0) return 0;
  const names = ['agent_id', 'at', 'service_id', 'sent_at', ...columns].join(', ');
  const inserted = await queryRows(
    tx,
    `insert into ${table} (${names}) select ${names} from jsonb_populate_recordset(null::${table}, $1::jsonb)
     order by agent_id, at, service_id, sent_at on conflict do nothing returning 1`,
    [JSON.stringify(rows)],
  );
  return inserted.length;
}
