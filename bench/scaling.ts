import { allStreams, LOAD_INTERVAL_MS, LOAD_STREAM, PARTITIONS } from '@flotilla/contracts';
import { createTestDatabase, PostgresServer } from '@flotilla/core-db/testing';
import { connectBus, createLogger, ensureStreams, type BusConnection } from '@flotilla/runtime';
import { NatsServer } from '@flotilla/runtime/testing';
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { createAgents } from './harness/create-agents.ts';
import { buildFigure, median, percentile, type Benchmark, type Figure } from './harness/figure.ts';
import { readUsage } from './harness/read-usage.ts';
import { prepareLoad, publishLoad } from './scaling/load-publisher.ts';
import { measureParse } from './scaling/measure-parse.ts';
import { measureTakeOver, untilShared } from './scaling/measure-take-over.ts';
import { createScaledServices, readActions, type ScaledService } from './scaling/scaled-services.ts';
import { startScalingWorker, untilIdle, type ScalingWorker } from './scaling/scaling-worker.ts';

const AGENTS = 100;
const SERVICES_PER_AGENT = 100;
const SERVICES = AGENTS * SERVICES_PER_AGENT;
const INTERVALS = 5;
const SAMPLES = SERVICES * INTERVALS;
const BREACHES = 20;
const ROUNDS = 5;
const TAKE_OVERS = 5;
const LEAST_PER_SECOND = 5000;
const MOST_TAKE_OVER_MS = 5000;
const POLL_MS = 50;
const LONGEST_ROUND_MS = 120_000;
const MEBIBYTE = 2 ** 20;
/** What the one that takes over has to read again: samples of so long. */
const HISTORY_S = ((ROUNDS + 1) * INTERVALS * LOAD_INTERVAL_MS) / 1000;
const COMPARED_MEMORY_MIB = 200;

interface Round {
  readonly scalingMs: number;
  readonly parseMs: number;
}

/**
 * Samples of services per second from publishing to the decision (each sample is a decision; a few of them change the number and are
 * committed), as a ratio to reading and checking the same messages alone. Then the time from the death of one of two workers until a
 * breach in each partition is acted on.
 */
export const benchmark: Benchmark = {
  description: `${SERVICES} services on ${AGENTS} nodes, ${SAMPLES} samples a round with ${BREACHES} breaches, then ${TAKE_OVERS} times kill -9`,
  async run(progress) {
    const postgres = await PostgresServer.start({ isCrashSafe: true });
    const nats = await NatsServer.create();
    try {
      await nats.start();
      return await measure(postgres.url, nats.url, progress);
    } finally {
      await nats.destroy();
      await postgres.destroy();
    }
  },
};

async function measure(serverUrl: string, natsUrl: string, progress: (line: string) => void): Promise<Figure[]> {
  const { url, close } = await createTestDatabase({ serverUrl });
  const logger = createLogger({ name: 'bench', destination: { write: () => undefined } });
  const bus = await connectBus({ servers: [natsUrl], name: 'bench', logger });
  const database = new pg.Client({ connectionString: url });
  const workers: ScalingWorker[] = [];
  const addWorker = async (): Promise<ScalingWorker> => {
    const worker = await startScalingWorker(url, natsUrl);
    workers.push(worker);
    return worker;
  };
  try {
    await ensureStreams(bus, allStreams);
    await database.connect();
    const agents = await createAgents(url, AGENTS, 'none');
    const agentIds = agents.map(({ id }) => id);
    const services = await createScaledServices(database, agentIds, SERVICES_PER_AGENT);
    const worker = await addWorker();
    await untilShared(database, [PARTITIONS]);
    const rounds = await runRounds({ services, database, bus, worker, progress });
    const { peakMemoryBytes } = await readUsage(worker.pid);
    const takeOvers: number[] = [];
    for (let index = 0; index < TAKE_OVERS; index += 1) {
      // The one that is killed has worked for a while, the one that takes over as well.
      const survivor = await addWorker();
      await untilShared(database, [PARTITIONS / 2, PARTITIONS / 2]);
      await untilIdle(survivor);
      const [victim] = workers.splice(0, workers.length, survivor);
      if (victim === undefined) throw new Error('there is nobody to kill');
      takeOvers.push(await measureTakeOver({ services, database, bus, victim, attempt: index }));
      progress(`take-over ${index + 1}: ${takeOvers.at(-1)?.toFixed(0)} ms`);
    }
    return buildFigures(rounds, takeOvers, peakMemoryBytes);
  } finally {
    await Promise.all(workers.map((worker) => worker.stop()));
    await database.end();
    await bus.close();
    await close();
  }
}

interface RoundDeps {
  readonly services: readonly ScaledService[];
  readonly database: pg.Client;
  readonly bus: BusConnection;
  readonly worker: ScalingWorker;
  readonly progress: (line: string) => void;
}

/** The first round fills caches and is not counted. */
async function runRounds({ services, database, bus, worker, progress }: RoundDeps): Promise<Round[]> {
  const manager = await bus.jetstreamManager();
  const firstAt = Date.now() - (ROUNDS + 1) * INTERVALS * LOAD_INTERVAL_MS;
  const rounds: Round[] = [];
  const breached: string[] = [];
  for (let round = 0; round <= ROUNDS; round += 1) {
    const breaching = new Set(services.slice(round * BREACHES, (round + 1) * BREACHES).map(({ id }) => id));
    breached.push(...breaching);
    const messages = Array.from({ length: INTERVALS }, (_, index) => {
      const sampledAt = firstAt + (round * INTERVALS + index) * LOAD_INTERVAL_MS;
      return prepareLoad(services, sampledAt, (id) => breaching.has(id));
    }).flat();
    const { state } = await manager.streams.info(LOAD_STREAM.name);
    const evaluatedBefore = await worker.readEvaluated();
    const before = performance.now();
    await publishLoad(bus.jetstream, messages);
    await untilEvaluated(worker, evaluatedBefore + SAMPLES);
    const actions = await untilActed(database, breached.length);
    const scalingMs = performance.now() - before;
    if (actions.toSorted().join() !== breached.toSorted().join()) {
      throw new Error(`${breached.length} breaches led to ${actions.length} actions`);
    }
    const firstSequence = state.last_seq + 1;
    const parseMs = await measureParse(bus.jetstream, { firstSequence, messages: messages.length });
    if (round === 0) continue;
    rounds.push({ scalingMs, parseMs });
    progress(
      `round ${round}: ${perSecond(scalingMs).toFixed(0)} samples/s, read alone ${perSecond(parseMs).toFixed(0)}`,
    );
  }
  return rounds;
}

const perSecond = (ms: number): number => (SAMPLES / ms) * 1000;

async function untilEvaluated(worker: ScalingWorker, samples: number): Promise<void> {
  const endsAt = Date.now() + LONGEST_ROUND_MS;
  let evaluated = 0;
  while ((evaluated = await worker.readEvaluated()) < samples) {
    if (Date.now() > endsAt)
      throw new Error(`${evaluated} of ${samples} samples were evaluated in ${LONGEST_ROUND_MS} ms`);
    await delay(POLL_MS);
  }
}

/** What is decided is committed beside the samples that come next. More actions than breaches are for the caller to find. */
async function untilActed(database: pg.Client, count: number): Promise<string[]> {
  const endsAt = Date.now() + LONGEST_ROUND_MS;
  let actions: string[] = [];
  while ((actions = await readActions(database)).length < count) {
    if (Date.now() > endsAt) throw new Error(`${actions.length} of ${count} breaches were acted on`);
    await delay(POLL_MS);
  }
  return actions;
}

function buildFigures(rounds: readonly Round[], takeOvers: readonly number[], peakMemoryBytes: number): Figure[] {
  return [
    buildFigure(
      {
        figure: 'samples decided on by one worker (baseline: read and checked only)',
        value: median(rounds.map(({ scalingMs }) => perSecond(scalingMs))),
        unit: '/s',
        baseline: median(rounds.map(({ parseMs }) => perSecond(parseMs))),
      },
      { words: `≥ ${LEAST_PER_SECOND}/s`, holds: (value) => value >= LEAST_PER_SECOND },
    ),
    buildFigure(
      {
        figure: `from kill -9 until each partition acts, ${HISTORY_S} s to read again, median (baseline: bound)`,
        value: median(takeOvers),
        unit: 'ms',
        baseline: MOST_TAKE_OVER_MS,
      },
      { words: `< ${MOST_TAKE_OVER_MS} ms`, holds: (value) => value < MOST_TAKE_OVER_MS },
    ),
    buildFigure({
      figure: 'the same, the longest',
      value: percentile(takeOvers, 1),
      unit: 'ms',
      baseline: MOST_TAKE_OVER_MS,
    }),
    buildFigure({
      figure: 'most memory of the worker (baseline: bound of the one of ingestion)',
      value: peakMemoryBytes / MEBIBYTE,
      unit: 'MiB',
      baseline: COMPARED_MEMORY_MIB,
    }),
  ];
}
