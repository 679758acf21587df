import { consumers, METRICS_STREAM } from '@flotilla/contracts';
import { FlotillaSystem, repositoryRoot } from '@flotilla/e2e/harness';
import { jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import { connect, credsAuthenticator } from '@nats-io/transport-node';
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { WORKER_FLAGS } from '../scripts/up/processes.mjs';
import { startChild, type Child } from './harness/child.ts';
import { createAgents } from './harness/create-agents.ts';
import { buildFigure, median, type Benchmark, type Figure } from './harness/figure.ts';
import { readUsage } from './harness/read-usage.ts';
import { countRows, emptyTables, measureCopy, type CopyTimes } from './ingestion/measure-copy.ts';
import type { PublishPlan, RoundPlan } from './ingestion/publish-samples.ts';

const AGENTS = 200;
const SAMPLES_PER_AGENT = 100;
const CONTAINERS_PER_AGENT = 20;
const ROWS = AGENTS * SAMPLES_PER_AGENT * (1 + CONTAINERS_PER_AGENT);
const ROUNDS = 5;
const POLL_MS = 20;
const SETTLE_MS = 1000;
const LONGEST_ROUND_MS = 120_000;
const MEBIBYTE = 2 ** 20;
const MOST_MEMORY_MIB = 200;

interface Round extends CopyTimes {
  readonly pipelineMs: number;
}

/**
 * Rows per second from publishing to the commit, through the stream's files and one worker process, as a ratio to a plain
 * binary COPY of the same rows into the same tables by one client in the same run. Then with two worker processes.
 */
export const benchmark: Benchmark = {
  description: `${ROWS} rows a round: ${AGENTS} agents, ${SAMPLES_PER_AGENT} samples each, ${CONTAINERS_PER_AGENT} containers`,
  async run(progress) {
    const system = await FlotillaSystem.create();
    const publisher = startChild(process.execPath, [join(import.meta.dirname, 'ingestion', 'publish-samples.ts')]);
    try {
      await system.start();
      return await measure(system, publisher, progress);
    } finally {
      await publisher.stop();
      await system.destroy();
    }
  },
};

async function measure(system: FlotillaSystem, publisher: Child, progress: (line: string) => void): Promise<Figure[]> {
  // This machine's own agent would store rows of its own in between.
  const local = (await system.listProcesses()).find(({ name }) => name === 'agent')?.pid ?? null;
  const worker = (await system.listProcesses()).find(({ name }) => name === 'core-workers')?.pid ?? null;
  if (local === null || worker === null) throw new Error('the installation does not run');
  process.kill(local, 'SIGSTOP');
  const databaseUrl = await system.readDatabaseUrl();
  const database = new pg.Client({ connectionString: databaseUrl });
  await database.connect();
  const credsFile = join(system.dataDir, 'secrets', 'core.creds');
  const natsPort = await system.readPort('nats');
  const bus = await connect({
    servers: `nats://127.0.0.1:${natsPort}`,
    authenticator: credsAuthenticator(await readFile(credsFile)),
  });
  const filePrefix = join(tmpdir(), `flotilla-bench-${process.pid}`);
  try {
    const agents = await createAgents(databaseUrl, AGENTS, 'none');
    const isReady = once(publisher.process, 'message');
    publisher.process.send({
      agentIds: agents.map(({ id }) => id),
      samplesPerAgent: SAMPLES_PER_AGENT,
      containersPerAgent: CONTAINERS_PER_AGENT,
      natsPort,
      credsFile,
    } satisfies PublishPlan);
    await isReady;
    const manager = await jetstreamManager(bus);
    // What the agent had sent by then is stored before the tables are emptied.
    await delay(SETTLE_MS);
    await untilStored(manager);
    const deps = { database, manager, publisher, filePrefix, progress };
    const one = await runRounds(deps, 'one worker', 0);
    const { peakMemoryBytes } = await readUsage(worker);
    const second = await startSecondWorker(system, databaseUrl, natsPort);
    const two = await runRounds(deps, 'two workers', ROUNDS + 1);
    await second.stop();
    return buildFigures(one, two, peakMemoryBytes);
  } finally {
    process.kill(local, 'SIGCONT');
    await bus.close();
    await database.end();
    for (const table of ['host_metrics', 'container_metrics']) await rm(`${filePrefix}-${table}.copy`, { force: true });
  }
}

interface RoundDeps {
  readonly database: pg.Client;
  readonly manager: JetStreamManager;
  readonly publisher: Child;
  readonly filePrefix: string;
  readonly progress: (line: string) => void;
}

/** The first round fills caches and is not counted. */
async function runRounds(deps: RoundDeps, name: string, firstRound: number): Promise<Round[]> {
  const { database, manager, publisher, filePrefix, progress } = deps;
  const rounds: Round[] = [];
  for (let index = 0; index <= ROUNDS; index += 1) {
    await emptyTables(database);
    // Each round has times of its own: repeats would be dropped by the stream.
    const newestAt = Date.now() - (firstRound + index) * SAMPLES_PER_AGENT * 5000;
    await ask(publisher, { newestAt } satisfies RoundPlan, 'prepared');
    const before = performance.now();
    await ask(publisher, 'publish', 'published');
    await untilStored(manager);
    const pipelineMs = performance.now() - before;
    const stored = await countRows(database);
    if (stored !== ROWS) throw new Error(`${stored} rows are stored instead of ${ROWS}`);
    const copy = await measureCopy(database, filePrefix);
    if (index === 0) continue;
    rounds.push({ pipelineMs, ...copy });
    const rate = (ms: number): string => `${(ROWS / ms).toFixed(0)}k rows/s`;
    progress(
      `${name}, round ${index}: pipeline ${rate(pipelineMs)}, COPY ${rate(copy.clientMs)}, by the server itself ${rate(copy.serverMs)}`,
    );
  }
  return rounds;
}

async function ask(publisher: Child, message: RoundPlan | 'publish', answer: string): Promise<void> {
  const answered = once(publisher.process, 'message');
  publisher.process.send(message);
  const [got] = await answered;
  if (got !== answer) throw new Error(`the publisher said ${String(got)}`);
}

/** Waits until every message is committed and acknowledged. */
async function untilStored(manager: JetStreamManager): Promise<void> {
  const endsAt = Date.now() + LONGEST_ROUND_MS;
  while (Date.now() < endsAt) {
    const state = await manager.consumers.info(METRICS_STREAM.name, consumers.metrics);
    if (state.num_pending + state.num_ack_pending === 0) return;
    await delay(POLL_MS);
  }
  throw new Error(`the samples were not stored within ${LONGEST_ROUND_MS} ms`);
}

async function startSecondWorker(system: FlotillaSystem, databaseUrl: string, natsPort: number): Promise<Child> {
  const second = startChild(
    process.execPath,
    [...WORKER_FLAGS, join(repositoryRoot, 'core-workers', 'src', 'main.ts')],
    {
      FLOTILLA_DATABASE_URL: databaseUrl,
      FLOTILLA_NATS_URL: `nats://127.0.0.1:${natsPort}`,
      FLOTILLA_SECRETS_DIR: join(system.dataDir, 'secrets'),
      WORKER_ROLES: 'ingestion',
    },
  );
  await delay(3000);
  return second;
}

function buildFigures(one: readonly Round[], two: readonly Round[], peakMemoryBytes: number): Figure[] {
  const perSecond = (rounds: readonly Round[], pick: (round: Round) => number): number =>
    median(rounds.map((round) => (ROWS / pick(round)) * 1000));
  const stored = (rounds: readonly Round[]) => ({
    value: perSecond(rounds, ({ pipelineMs }) => pipelineMs),
    unit: '/s',
    baseline: perSecond(rounds, ({ clientMs }) => clientMs),
  });
  return [
    buildFigure(
      { figure: 'rows stored through the pipeline, one worker', ...stored(one) },
      { words: 'ratio ≥ 0.5', holds: (_, ratio) => ratio >= 0.5 },
    ),
    buildFigure({
      ...stored(one),
      figure: 'the same to a COPY by the server itself, from its files',
      baseline: perSecond(one, ({ serverMs }) => serverMs),
    }),
    buildFigure({ figure: 'rows stored through the pipeline, two workers', ...stored(two) }),
    buildFigure(
      {
        figure: 'most memory of the worker',
        value: peakMemoryBytes / MEBIBYTE,
        unit: 'MiB',
        baseline: MOST_MEMORY_MIB,
      },
      { words: `< ${MOST_MEMORY_MIB} MiB`, holds: (value) => value < MOST_MEMORY_MIB },
    ),
  ];
}
