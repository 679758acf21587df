import { createService } from '@flotilla/contracts';
import { FlotillaSystem, startBackend, waitFor, type ApiClient } from '@flotilla/e2e/harness';
import { execFile } from 'node:child_process';
import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { writeLog } from './access-log/write-log.ts';
import { buildFigure, median, type Benchmark, type Figure } from './harness/figure.ts';
import { readUsage } from './harness/read-usage.ts';

const run = promisify(execFile);
const ROUNDS = 5;
const SERVICES = 20;
/** A burst of two seconds at what the agent is to bear. */
const LINES = 200_000;
const BOUND_MS = 120_000;
const SETTLE_MS = 15_000;
const MOST_MEMORY_GROWTH = 2;
/** The agent's format, as goaccess is told. */
const GOACCESS_FORMAT = '%x.%^"%v"%s"%T"%^"%^"%b"%h"%^"%m"%H"%U"%R"%u';

/**
 * A burst of lines in the log of the agent's nginx, and how long the agent as `npm run up` starts it (the bundle, without compilers until
 * they are worth it) takes to follow: tail, parse, load of services, aggregates with top lists, limiter, classes. In the same round
 * goaccess parses the same file, and `wc -l` counts it.
 */
export const benchmark: Benchmark = {
  description: `${ROUNDS} bursts of ${LINES} lines of ${SERVICES} services, beside goaccess and wc -l`,
  async run(progress) {
    await run('goaccess', ['--version']).catch(() => {
      throw new Error('goaccess is not there: install the package goaccess');
    });
    const directory = await mkdtemp(join(tmpdir(), 'flotilla-bench-'));
    const system = await FlotillaSystem.create();
    const backend = await startBackend('shop');
    try {
      await system.start();
      const api = await system.signIn();
      const agent = await system.waitForLocalAgent(api);
      const serviceIds = await createServices(api, agent.id, backend.port);
      const watched = await watchAgent(system);
      await delay(SETTLE_MS);
      const before = await readUsage(watched.pid);
      const rounds: Round[] = [];
      for (let round = 1; round <= ROUNDS; round += 1) {
        const file = join(directory, 'burst.log');
        await writeLog(file, LINES, serviceIds);
        rounds.push(await measureRound(file, watched));
        progress(`round ${round}: ${JSON.stringify(rounds.at(-1))}`);
        await rm(file);
      }
      const after = await readUsage(watched.pid);
      return buildFigures(rounds, { before: before.memoryBytes, peak: after.peakMemoryBytes });
    } finally {
      await backend.stop();
      await system.destroy();
      await rm(directory, { recursive: true });
    }
  },
};

/** Seconds. */
interface Round {
  readonly agent: number;
  readonly agentCpu: number;
  readonly goaccess: number;
  readonly wc: number;
}

interface WatchedAgent {
  readonly pid: number;
  readonly accessLog: string;
  /** Lines that were read, and requests that were counted, since the agent's start. */
  readonly readCounts: () => Promise<{ readonly lines: number; readonly requests: number }>;
}

async function createServices(api: ApiClient, agentId: string, port: number): Promise<string[]> {
  const serviceIds: string[] = [];
  for (let index = 1; index <= SERVICES; index += 1) {
    const body = { name: `shop ${index}`, domains: [`shop-${index}.example.com`], agentIds: [agentId] };
    const { id } = await api.expect(createService, { body: { ...body, target: { host: '127.0.0.1', port } } });
    serviceIds.push(id);
  }
  return serviceIds;
}

async function watchAgent(system: FlotillaSystem): Promise<WatchedAgent> {
  const pid = (await system.listProcesses()).find(({ name }) => name === 'agent')?.pid;
  if (pid === undefined || pid === null) throw new Error('the agent does not run');
  const healthPort = await system.readPort('agentHealth');
  return {
    pid,
    accessLog: join(system.dataDir, 'agent', 'nginx', 'logs', 'access.log'),
    readCounts: async () => {
      const text = await (await fetch(`http://127.0.0.1:${healthPort}/metrics`)).text();
      const read = (name: string): number =>
        Number(new RegExp(`^flotilla_agent_${name}_total\\{.*\\} (\\d+)$`, 'm').exec(text)?.[1]);
      return { lines: read('access_log_lines'), requests: read('traffic_requests') };
    },
  };
}

async function measureRound(file: string, { pid, accessLog, readCounts }: WatchedAgent): Promise<Round> {
  const wc = await time(() => run('wc', ['-l', file]));
  const goaccess = await time(() => runGoaccess(file));
  const burst = await readFile(file);
  const before = await readCounts();
  const { cpuSeconds } = await readUsage(pid);
  const agent = await time(async () => {
    await appendFile(accessLog, burst);
    await waitFor(
      'the agent to read the burst',
      async () => ((await readCounts()).lines >= before.lines + LINES ? true : null),
      BOUND_MS,
    );
  });
  const usage = await readUsage(pid);
  const counted = (await readCounts()).requests - before.requests;
  if (counted < LINES) throw new Error(`the agent counted ${counted} of ${LINES} requests`);
  return { agent, agentCpu: usage.cpuSeconds - cpuSeconds, goaccess, wc };
}

async function runGoaccess(file: string): Promise<void> {
  const time = ['--datetime-format=%s', '--time-format=%s', '--date-format=%s'];
  const output = `${file}.json`;
  await run('goaccess', [
    file,
    '--no-global-config',
    '--no-progress',
    `--log-format=${GOACCESS_FORMAT}`,
    ...time,
    '-o',
    output,
  ]);
  const { general } = JSON.parse(await readFile(output, 'utf8')) as { general: { valid_requests: number } };
  await rm(output);
  if (general.valid_requests !== LINES)
    throw new Error(`goaccess could read ${general.valid_requests} of ${LINES} lines`);
}

/** Seconds that something takes. */
async function time(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return (performance.now() - startedAt) / 1000;
}

function buildFigures(rounds: readonly Round[], memory: { readonly before: number; readonly peak: number }): Figure[] {
  const linesPerSecond = (pick: keyof Round): number => LINES / median(rounds.map((round) => round[pick]));
  const lines = { figure: 'lines of a burst (baseline: goaccess)', value: linesPerSecond('agent'), unit: '/s' };
  return [
    buildFigure(
      { ...lines, baseline: linesPerSecond('goaccess') },
      {
        words: 'ratio > 1',
        holds: (_, ratio) => ratio > 1,
      },
    ),
    buildFigure({ ...lines, figure: 'lines of a burst (baseline: wc -l)', baseline: linesPerSecond('wc') }),
    buildFigure({
      ...lines,
      figure: 'lines by a second of CPU (baseline: goaccess)',
      value: linesPerSecond('agentCpu'),
      baseline: linesPerSecond('goaccess'),
    }),
    buildFigure(
      {
        figure: 'most memory of the agent (baseline: before the bursts)',
        value: memory.peak / 2 ** 20,
        unit: 'MiB',
        baseline: memory.before / 2 ** 20,
      },
      { words: `ratio ≤ ${MOST_MEMORY_GROWTH}`, holds: (_, ratio) => ratio <= MOST_MEMORY_GROWTH },
    ),
  ];
}
