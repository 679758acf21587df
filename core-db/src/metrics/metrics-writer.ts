import type { ClientBase } from 'pg';
import { isMissingPartition, isUniqueViolation } from '../database-errors.ts';
import type { Database } from '../database.ts';
import { queryRows, type DatabaseSession } from '../database-session.ts';
import type { AgentSample } from './agent-sample.ts';
import { copyRows } from './copy-rows.ts';
import { markRollupsDue } from './due-rollup.repository.ts';
import { encodeSamples, LARGEST_DOUBLE, type EncodedRows } from './encode-samples.ts';
import { SubjectCache } from './metric-subjects.ts';
import { ensurePartitions } from './maintain-partitions.ts';
import { partitionedMetrics } from './metric-partitions.repository.ts';
import { resolveSubjects } from './resolve-subjects.ts';
import { readStorageKind, type StorageKind } from './storage-kind.repository.ts';

/** What became of a batch. */
export interface WriteResult {
  /** Rows that are new in the tables: one for a host, a container or a series at a time. */
  readonly rows: number;
  /** Rows that were there already. */
  readonly duplicates: number;
  /** Samples of agents that were removed. */
  readonly unknownAgents: number;
  /** Samples older than raw samples are kept. */
  readonly tooOld: number;
  /** Samples of more than 5 minutes after now, by the database's clock. */
  readonly tooNew: number;
  /** Values of series that no average can be computed of. */
  readonly refusedValues: number;
}

export interface MetricsWriter {
  /**
   * Stores samples in one transaction: when it resolves, everything that was not refused is in the tables exactly once;
   * when it rejects, nothing of the call is. May be called several times at once, in any number of processes.
   * @throws what the database throws (`isDatabaseUnavailable`); the same call may be repeated
   */
  readonly write: (samples: readonly AgentSample[]) => Promise<WriteResult>;
}

const FUTURE_MS = 300_000;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

type Refusals = Omit<WriteResult, 'rows' | 'duplicates'>;

/** Makes a writer; it remembers the numbers of containers and series between its calls. */
export function createMetricsWriter(database: Database): MetricsWriter {
  const cache = new SubjectCache();
  let kind: StorageKind | null = null;
  const attempt = async (samples: readonly AgentSample[], isSafe: boolean): Promise<WriteResult> => {
    kind ??= await readStorageKind(database.manager);
    return writeOnce(database, cache, samples, { isSafe, marksRollups: kind === 'native' });
  };
  return {
    write: async (samples) => {
      // Writers that hold rows of each other's batches would wait in a circle if each had its own order.
      const sorted = samples.toSorted(
        (one, other) =>
          (one.agentId < other.agentId ? -1 : Number(one.agentId > other.agentId)) ||
          one.sample.sampledAt - other.sample.sampledAt,
      );
      let isSafe = hasRepeats(sorted);
      let hasMadePartitions = false;
      for (;;) {
        try {
          return await attempt(sorted, isSafe);
        } catch (err) {
          if (isUniqueViolation(err) && !isSafe) {
            isSafe = true;
          } else if (isMissingPartition(err) && !hasMadePartitions) {
            // Maintenance makes them ahead; it may not have run for days, and samples must not wait for it.
            hasMadePartitions = true;
            await ensurePartitions(database, partitionedMetrics);
          } else {
            cache.clear();
            throw err;
          }
        }
      }
    },
  };
}

interface WriteOptions {
  /** Whether rows may be there already: then through a temporary table. */
  readonly isSafe: boolean;
  readonly marksRollups: boolean;
}

async function writeOnce(
  database: Database,
  cache: SubjectCache,
  samples: readonly AgentSample[],
  { isSafe, marksRollups }: WriteOptions,
): Promise<WriteResult> {
  const written = await database.transaction(async (tx) => {
    const { accepted, refusals } = await acceptSamples(tx, samples);
    const subjects = await resolveSubjects(tx, accepted, cache);
    // TypeORM's type says that a transaction may have no runner; it always has one.
    const client = (await tx.queryRunner?.connect()) as ClientBase;
    let rows = 0;
    let sent = 0;
    for (const encoded of encodeSamples(accepted, subjects)) {
      sent += encoded.rows;
      rows += isSafe ? await insertNewRows(client, encoded) : await insertRows(client, encoded);
      // Not after a failure: the connection may still be sending them.
      encoded.release();
    }
    if (marksRollups) await markRollupsDue(tx, accepted);
    return { subjects, result: { rows, duplicates: sent - rows, ...refusals } };
  });
  written.subjects.remember();
  return written.result;
}

/** Leaves out what is not to be stored, and counts it. */
async function acceptSamples(
  tx: DatabaseSession,
  samples: readonly AgentSample[],
): Promise<{ accepted: AgentSample[]; refusals: Refusals }> {
  const ids = [...new Set(samples.map(({ agentId }) => agentId))].filter((id) => UUID.test(id));
  const [state] = await queryRows<{ nowMs: number; keepMs: string; agents: string[] }>(
    tx,
    `select extract(epoch from now())::float8 * 1000 as "nowMs",
       (select keep_ms from metric_retention where level = 'raw') as "keepMs",
       array(select id::text from agents where id = any($1::uuid[])) as agents`,
    [ids],
  );
  if (state === undefined) throw new Error('the database does not say what time it is');
  const agents = new Set(state.agents);
  const earliest = state.nowMs - Number(state.keepMs);
  const latest = state.nowMs + FUTURE_MS;
  const refusals = { unknownAgents: 0, tooOld: 0, tooNew: 0, refusedValues: 0 };
  const accepted: AgentSample[] = [];
  for (const one of samples) {
    const { sampledAt, series } = one.sample;
    if (!agents.has(one.agentId)) refusals.unknownAgents += 1;
    else if (sampledAt < earliest) refusals.tooOld += 1;
    else if (sampledAt > latest) refusals.tooNew += 1;
    else {
      const computable = series.every(({ value }) => Math.abs(value) <= LARGEST_DOUBLE)
        ? series
        : series.filter(({ value }) => Math.abs(value) <= LARGEST_DOUBLE);
      refusals.refusedValues += series.length - computable.length;
      accepted.push(computable === series ? one : { ...one, sample: { ...one.sample, series: computable } });
    }
  }
  return { accepted, refusals };
}

async function insertRows(client: ClientBase, { kind, columns, bytes }: EncodedRows): Promise<number> {
  return copyRows(client, `${kind.table} (${columns})`, bytes);
}

async function insertNewRows(client: ClientBase, { kind, columns, bytes }: EncodedRows): Promise<number> {
  const incoming = `incoming_${kind.table}`;
  await client.query(
    `create temporary table ${incoming} on commit drop as select ${columns} from ${kind.table} with no data`,
  );
  await copyRows(client, `${incoming} (${columns})`, bytes);
  const { rowCount } = await client.query(
    `insert into ${kind.table} (${columns}) select ${columns} from ${incoming} on conflict do nothing`,
  );
  return rowCount ?? 0;
}

/** @param sorted by agent and time */
function hasRepeats(sorted: readonly AgentSample[]): boolean {
  return sorted.some(({ agentId, sample }, index) => {
    const before = sorted[index - 1];
    return before?.agentId === agentId && before.sample.sampledAt === sample.sampledAt;
  });
}
