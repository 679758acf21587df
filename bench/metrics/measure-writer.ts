import { containerMetricNames, hostMetricNames, type MetricsSample } from '@flotilla/contracts';
import { createMetricsWriter, type AgentSample, type Database } from '@flotilla/core-db';
import { createHash } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { createAgents } from '../harness/create-agents.ts';
import { median } from '../harness/figure.ts';

const AGENTS = 200;
const CONTAINERS = 20;
const SAMPLES_PER_AGENT = 25;
/** Samples in one call, about what a worker takes from the stream at once. */
const BATCH = 500;
/** Calls at once: one encodes while the other's rows are on their way into the table. */
const IN_FLIGHT = 2;
const ROUNDS = 5;
const TABLES = ['host_metrics', 'container_metrics'] as const;

/** Rows per second. */
export interface WriterRates {
  readonly writer: number;
  readonly copy: number;
}

/**
 * Rows per second of the writer (accepting, numbering, encoding, COPY, marks, commit), and of a COPY of the same rows from a
 * binary file on the server into the same tables: there is no faster way in. Both in turn; medians.
 */
export async function measureWriter(
  database: Database,
  databaseUrl: string,
  progress: (line: string) => void,
): Promise<WriterRates> {
  const agents = await createAgents(databaseUrl, AGENTS, 'none');
  const writer = createMetricsWriter(database);
  const rounds: WriterRates[] = [];
  // The first one only fills the caches.
  for (let round = 0; round <= ROUNDS; round += 1) {
    await empty(database);
    const samples = buildSamples(agents.map(({ id }) => id));
    const rows = samples.length * (1 + CONTAINERS);
    const writerMs = await timed(async () => {
      let offset = 0;
      const writeRest = async (): Promise<void> => {
        while (offset < samples.length) {
          const batch = samples.slice(offset, (offset += BATCH));
          const { rows: stored } = await writer.write(batch);
          if (stored !== BATCH * (1 + CONTAINERS)) throw new Error(`only ${stored} rows of a batch were stored`);
        }
      };
      await Promise.all(Array.from({ length: IN_FLIGHT }, writeRest));
    });
    for (const table of TABLES) {
      await database.manager.query(
        `copy (select * from ${table}) to '${fileOf(database, table)}' with (format binary)`,
      );
    }
    await empty(database);
    const copyMs = await timed(async () => {
      for (const table of TABLES) {
        await database.manager.query(`copy ${table} from '${fileOf(database, table)}' with (format binary)`);
      }
    });
    if (round === 0) continue;
    rounds.push({ writer: (rows / writerMs) * 1000, copy: (rows / copyMs) * 1000 });
    progress(
      `round ${round}: writer ${(rows / writerMs).toFixed(0)}k rows/s, COPY ${(rows / copyMs).toFixed(0)}k rows/s`,
    );
  }
  await empty(database);
  return { writer: median(rounds.map(({ writer: rate }) => rate)), copy: median(rounds.map(({ copy }) => copy)) };
}

/** Where the server writes it: its temporary folder, which it empties itself. */
function fileOf(database: Database, table: string): string {
  return `/tmp/${String(database.options.database ?? 'flotilla')}-${process.pid}-${table}.copy`;
}

async function empty(database: Database): Promise<void> {
  await database.manager.query(`truncate ${TABLES.join(', ')}, metric_rollups_due`);
}

async function timed(work: () => Promise<void>): Promise<number> {
  const before = performance.now();
  await work();
  return performance.now() - before;
}

function buildSamples(agentIds: readonly string[]): AgentSample[] {
  const now = Date.now();
  return Array.from({ length: SAMPLES_PER_AGENT }, (_, index) =>
    agentIds.map((agentId) => ({ agentId, sample: buildSample(agentId, now - index * 5000) })),
  ).flat();
}

function buildSample(agentId: string, sampledAt: number): MetricsSample {
  const value = (): number => Math.round(Math.random() * 10_000) / 100;
  const numbers = Array.from({ length: CONTAINERS }, (_, index) => index);
  return {
    sampledAt,
    clockOffsetMs: 0,
    host: hostMetricNames.map(value),
    containers: {
      ids: numbers.map((index) => createHash('sha256').update(`${agentId} ${index}`).digest('hex')),
      names: numbers.map((index) => `container-${index}`),
      values: numbers.flatMap(() => containerMetricNames.map(value)),
    },
    series: [],
  };
}
