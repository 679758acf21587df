import { consumers, METRICS_STREAM } from '@flotilla/contracts';
import { FlotillaSystem } from '@flotilla/e2e/harness';
import { jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import { connect, credsAuthenticator } from '@nats-io/transport-node';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { readUsage } from './harness/read-usage.ts';
import type { FleetCounts, FleetPlan } from './fleet/simulate-fleet.ts';
import { watchArrivals, type Arrivals } from './fleet/watch-arrivals.ts';
import { startChild, type Child } from './harness/child.ts';
import { createAgents } from './harness/create-agents.ts';
import { buildFigure, median, percentile, type Benchmark, type Figure } from './harness/figure.ts';

const AGENTS = 2000;
const CONTAINERS_PER_AGENT = 10;
const SAMPLE_INTERVAL_MS = 5000;
const HEARTBEAT_INTERVAL_MS = 2000;
const WARM_UP_MS = 15_000;
const DURATION_MS = 300_000;
const WATCHED_AGENTS = 100;
/** Messages of one second: waiting ones up to that are a batch under way, not a backlog. */
const ONE_SECOND_OF_MESSAGES = (AGENTS / SAMPLE_INTERVAL_MS) * 1000;
const LONGEST_DELAY_MS = 3000;

/**
 * A fleet at rest for five minutes, on one core-api, one NATS and one worker process on this machine: does the backlog
 * grow, and how long until a sample can be queried. The baseline of the delay is what a plain INSERT takes meanwhile.
 */
export const benchmark: Benchmark = {
  description: `${AGENTS} simulated agents with ${CONTAINERS_PER_AGENT} containers each, a sample every 5 s, for 5 minutes`,
  async run(progress) {
    const system = await FlotillaSystem.create();
    const simulator = startChild(process.execPath, [join(import.meta.dirname, 'fleet', 'simulate-fleet.ts')]);
    try {
      await system.start();
      return await measure(system, simulator, progress);
    } finally {
      await simulator.stop();
      await system.destroy();
    }
  },
};

async function measure(system: FlotillaSystem, simulator: Child, progress: (line: string) => void): Promise<Figure[]> {
  const databaseUrl = await system.readDatabaseUrl();
  const natsPort = await system.readPort('nats');
  const credsFile = join(system.dataDir, 'secrets', 'core.creds');
  const appliedRevision = randomBytes(32).toString('hex');
  const agents = await createAgents(databaseUrl, AGENTS, appliedRevision);
  const started = once(simulator.process, 'message');
  simulator.process.send({
    agents,
    containersPerAgent: CONTAINERS_PER_AGENT,
    appliedRevision,
    sampleIntervalMs: SAMPLE_INTERVAL_MS,
    heartbeatIntervalMs: HEARTBEAT_INTERVAL_MS,
    apiPort: await system.readPort('api'),
    natsPort,
    credsFile,
  } satisfies FleetPlan);
  await started;
  await delay(WARM_UP_MS);

  const bus = await connect({
    servers: `nats://127.0.0.1:${natsPort}`,
    authenticator: credsAuthenticator(await readFile(credsFile)),
  });
  const abort = new AbortController();
  const watched = agents.slice(0, WATCHED_AGENTS).map(({ id }) => id);
  const arrivals = watchArrivals(databaseUrl, watched, abort.signal);
  const usage = await watchUsage(system);
  const backlog = await watchBacklog(await jetstreamManager(bus), simulator, progress);
  const shares = await usage();
  abort.abort();
  await bus.close();
  return buildFigures(backlog, await arrivals, shares);
}

/** Messages that no worker has stored, once a second. */
async function watchBacklog(
  manager: JetStreamManager,
  simulator: Child,
  progress: (line: string) => void,
): Promise<number[]> {
  const backlog: number[] = [];
  const endsAt = Date.now() + DURATION_MS;
  for (let second = 1; Date.now() < endsAt; second += 1) {
    const consumer = await manager.consumers.info(METRICS_STREAM.name, consumers.metrics);
    backlog.push(consumer.num_pending + consumer.num_ack_pending);
    if (second % 30 === 0) {
      const counts = await askCounts(simulator);
      progress(`${second} s: ${backlog.at(-1)} messages wait; ${JSON.stringify(counts)}`);
      assertHealthy(counts);
    }
    await delay(1000);
  }
  return backlog;
}

/** @throws when the simulator could not keep its promise: then the figures are not those of 2,000 agents */
function assertHealthy({ published, acknowledged, refused, heartbeats, failedHeartbeats, lateMs }: FleetCounts): void {
  if (refused > 0) throw new Error(`the bus refused ${refused} samples`);
  if (published - acknowledged > ONE_SECOND_OF_MESSAGES * 2) throw new Error('the bus does not acknowledge in time');
  if (failedHeartbeats > heartbeats / 1000) throw new Error(`${failedHeartbeats} heartbeats failed`);
  if (lateMs > SAMPLE_INTERVAL_MS) throw new Error(`the simulator is ${Math.round(lateMs)} ms late`);
}

async function askCounts(simulator: Child): Promise<FleetCounts> {
  const answer = once(simulator.process, 'message');
  simulator.process.send('counts');
  return ((await answer) as [FleetCounts])[0];
}

/** Begins to measure what each process takes; the returned function ends it. */
async function watchUsage(system: FlotillaSystem): Promise<() => Promise<Figure[]>> {
  const processes = (await system.listProcesses()).flatMap(({ name, pid }) => (pid === null ? [] : [{ name, pid }]));
  const startedAt = Date.now();
  const before = await Promise.all(processes.map(({ pid }) => readUsage(pid)));
  return async () => {
    const seconds = (Date.now() - startedAt) / 1000;
    const after = await Promise.all(processes.map(({ pid }) => readUsage(pid)));
    return processes.flatMap(({ name }, index) => {
      const from = before[index];
      const to = after[index];
      if (from === undefined || to === undefined || !['nats', 'core-api', 'core-workers'].includes(name)) return [];
      const cpuPercent = ((to.cpuSeconds - from.cpuSeconds) / seconds) * 100;
      return [
        buildFigure({ figure: `CPU of ${name}`, value: cpuPercent, unit: '% of a core', baseline: 100 }),
        buildFigure({
          figure: `memory of ${name}`,
          value: to.memoryBytes / 2 ** 20,
          unit: 'MiB',
          baseline: from.memoryBytes / 2 ** 20,
        }),
      ];
    });
  };
}

function buildFigures(backlog: readonly number[], arrivals: Arrivals, usage: readonly Figure[]): Figure[] {
  const minute = 60;
  const first = median(backlog.slice(0, minute));
  const last = median(backlog.slice(-minute));
  const baseline = percentile(arrivals.plainInsertMs, 0.99);
  return [
    buildFigure(
      {
        figure: 'messages waiting, last minute against the first',
        value: last,
        unit: '',
        baseline: Math.max(1, first),
      },
      {
        words: `≤ first + ${ONE_SECOND_OF_MESSAGES}`,
        holds: (value) => value <= first + ONE_SECOND_OF_MESSAGES,
      },
    ),
    buildFigure({ figure: 'sample → queryable p50', value: percentile(arrivals.delaysMs, 0.5), unit: 'ms', baseline }),
    buildFigure(
      { figure: 'sample → queryable p99', value: percentile(arrivals.delaysMs, 0.99), unit: 'ms', baseline },
      { words: `< ${LONGEST_DELAY_MS} ms`, holds: (value) => value < LONGEST_DELAY_MS },
    ),
    ...usage,
  ];
}
