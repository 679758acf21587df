import { closeDatabase, openDatabase, readContainerSeries, runMigrations, type Database } from '@flotilla/core-db';
import { PostgresServer } from '@flotilla/core-db/testing';
import { performance } from 'node:perf_hooks';
import { buildFigure, percentile, type Benchmark, type Figure } from './harness/figure.ts';
import { generateRollups, type GeneratedRollups } from './metrics/generate-rollups.ts';
import { measureWriter } from './metrics/measure-writer.ts';

const CONTAINERS = 386;
const DAYS = 30;
const DAY_MS = 86_400_000;
const QUERIES = 300;
const BASELINE_QUERIES = 20;
/** Their rows lie in all pages of the table, which is larger than the server's own cache by default: only reported. */
const COMPARED = 10;
const LONGEST_P95_MS = 100;
const logger = { info: () => undefined, warn: () => undefined };

/**
 * A chart of 30 days out of rollups that stand for 200 million samples, on plain PostgreSQL. The baseline reads the same
 * range of one container from its samples, in a plain table that has only these, with an index that fits. And the rows that
 * one writer stores per second, beside a COPY on the server.
 */
export const benchmark: Benchmark = {
  description: `${QUERIES} queries of ${DAYS} days over rollups of ${CONTAINERS} containers sampled every 5 s`,
  async run(progress) {
    const server = await PostgresServer.start();
    const database = await openDatabase({ url: server.url, logger });
    try {
      await runMigrations(database, logger);
      const rates = await measureWriter(database, server.url, progress);
      const generated = await generateRollups(database, CONTAINERS, DAYS);
      progress(`rollups of ${(generated.rawRows / 1e6).toFixed(0)} million samples`);
      const figures = await measureQueries(database, generated, progress);
      return [
        ...figures,
        buildFigure({ figure: 'rows stored by one writer', value: rates.writer, unit: '/s', baseline: rates.copy }),
      ];
    } finally {
      await closeDatabase(database);
      await server.destroy();
    }
  },
};

async function measureQueries(
  database: Database,
  { containers }: GeneratedRollups,
  progress: (line: string) => void,
): Promise<Figure[]> {
  const pick = (count: number) =>
    Array.from({ length: count }, () => containers[Math.floor(Math.random() * containers.length)]).flatMap(
      (container) => container ?? [],
    );
  const query = async (compared: number): Promise<number> => {
    const to = new Date();
    const range = { from: new Date(to.getTime() - DAYS * DAY_MS), to, stepMs: 'auto', maxPoints: 500 } as const;
    const chosen = pick(compared);
    const before = performance.now();
    const answer = await readContainerSeries(database.manager, chosen, ['cpuPercent', 'memoryBytes'], range);
    const tookMs = performance.now() - before;
    if (
      answer.resolution !== '15m' ||
      answer.lines.some(({ avg }) => avg.filter((value) => value !== null).length < 300)
    ) {
      throw new Error('the answer is not a chart of 30 days');
    }
    return tookMs;
  };
  const one = await repeat(QUERIES, () => query(1));
  const many = await repeat(QUERIES, () => query(COMPARED));
  const plain = await measurePlainTable(database);
  progress(
    `one container p50 ${percentile(one, 0.5).toFixed(1)} ms, from samples ${percentile(plain, 0.5).toFixed(0)} ms`,
  );
  const baseline = percentile(plain, 0.95);
  const target = { words: `< ${LONGEST_P95_MS} ms`, holds: (value: number) => value < LONGEST_P95_MS };
  return [
    buildFigure(
      { figure: `${DAYS} days of one container, p95`, value: percentile(one, 0.95), unit: 'ms', baseline },
      target,
    ),
    buildFigure({
      figure: `${DAYS} days of ${COMPARED} containers, p95`,
      value: percentile(many, 0.95),
      unit: 'ms',
      baseline,
    }),
  ];
}

/** The same two figures of one container from all its samples. */
async function measurePlainTable({ manager }: Database): Promise<number[]> {
  await manager.query('create table plain (at timestamptz primary key, cpu_percent real, memory_bytes float8)');
  await manager.query(
    `insert into plain select at, random() * 100, random() * 100
     from generate_series(now() - $1 * interval '1 day', now(), interval '5 seconds') as at`,
    [DAYS],
  );
  await manager.query('vacuum analyze plain');
  return repeat(BASELINE_QUERIES, async () => {
    const before = performance.now();
    await manager.query(
      `select date_bin('2 hours', at, 'epoch') as step, min(cpu_percent), avg(cpu_percent), max(cpu_percent),
         min(memory_bytes), avg(memory_bytes), max(memory_bytes)
       from plain where at >= now() - $1 * interval '1 day' group by 1`,
      [DAYS],
    );
    return performance.now() - before;
  });
}

async function repeat(times: number, measure: () => Promise<number>): Promise<number[]> {
  const found: number[] = [];
  for (let index = 0; index < times; index += 1) found.push(await measure());
  return found;
}
