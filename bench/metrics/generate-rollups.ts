import { containerMetricNames, type MetricsSample } from '@flotilla/contracts';
import {
  createMetricsWriter,
  defaultMetricRetention,
  findContainers,
  maintainMetricPartitions,
  type Database,
  type FoundContainer,
} from '@flotilla/core-db';
import { createHash, randomUUID } from 'node:crypto';

const DAY_MS = 86_400_000;
const SAMPLE_INTERVAL_MS = 5000;

/** Rollups of containers that were sampled every 5 s, as if the samples had been stored and rolled up. */
export interface GeneratedRollups {
  readonly containers: readonly FoundContainer[];
  /** Samples that the rollups stand for. */
  readonly rawRows: number;
}

/**
 * Writes rollups of one agent's containers: 15 minutes and 6 hours for all days, 1 minute for the last one. The newest
 * samples come through the writer, so that the last steps have to be read from finer levels, as in a fleet that lives.
 */
export async function generateRollups(
  database: Database,
  containerCount: number,
  days: number,
): Promise<GeneratedRollups> {
  const keepMs = (days + 1) * DAY_MS;
  // Partitions reach as far back as rows may arrive late.
  await maintainMetricPartitions(database, { ...defaultMetricRetention, raw: keepMs, '1m': keepMs });
  const agentId = randomUUID();
  await database.manager.query(
    `insert into agents (id, name, api_key_hash, version) values ($1, 'generated', 'none', '0.1.0')`,
    [agentId],
  );
  const now = Date.now();
  const newest = Array.from({ length: 6 }, (_, index) => ({
    agentId,
    sample: buildSample(now - index * SAMPLE_INTERVAL_MS, containerCount),
  }));
  await createMetricsWriter(database).write(newest);

  const names = Array.from({ length: containerCount }, (_, index) => `container-${index}`);
  const containers = await findContainers(database.manager, agentId, names);
  const refs = containers.flatMap((container) => container.refs);
  for (const [suffix, minutes, lastDays] of [
    ['6h', 360, days],
    ['15m', 15, days],
    ['1m', 1, 1],
  ] as const) {
    await fill(database, `container_metrics_${suffix}`, refs, minutes, lastDays);
  }
  await database.manager.query('vacuum analyze');
  return { containers, rawRows: containerCount * days * (DAY_MS / SAMPLE_INTERVAL_MS) };
}

/** A row for each container and bucket, in the order of time, as rollups are written; every figure is random. */
async function fill(
  database: Database,
  table: string,
  refs: readonly number[],
  minutes: number,
  days: number,
): Promise<void> {
  const columns: { name: string }[] = await database.manager.query(
    `select attname as name from pg_attribute where attrelid = $1::regclass and attnum > 0 and not attisdropped
       and attname not in ('container_ref', 'at', 'samples') order by attnum`,
    [table],
  );
  const bucket = `interval '${minutes} minutes'`;
  await database.manager.transaction(async (tx) => {
    await tx.query('set local statement_timeout to 0');
    await tx.query(
      `insert into ${table} (container_ref, at, samples, ${columns.map(({ name }) => name).join(', ')})
       select r.ref, t.at, $1::int, ${columns.map(() => 'random() * 100').join(', ')}
       from generate_series(
         date_bin(${bucket}, now() - $2 * interval '1 day', 'epoch'),
         date_bin(${bucket}, now(), 'epoch') - ${bucket}, ${bucket}) as t (at),
         unnest($3::int[]) as r (ref)
       order by t.at, r.ref`,
      [(minutes * 60_000) / SAMPLE_INTERVAL_MS, days, refs],
    );
  });
}

function buildSample(sampledAt: number, containerCount: number): MetricsSample {
  const numbers = Array.from({ length: containerCount }, (_, index) => index);
  return {
    sampledAt,
    clockOffsetMs: 0,
    host: null,
    containers: {
      ids: numbers.map((index) => createHash('sha256').update(String(index)).digest('hex')),
      names: numbers.map((index) => `container-${index}`),
      values: numbers.flatMap(() => containerMetricNames.map(() => Math.random() * 100)),
    },
    series: [],
  };
}
