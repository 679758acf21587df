import { FlotillaSystem } from '@flotilla/e2e/harness';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { IdleContainers } from './agent/containers.ts';
import { watchProcesses, type WindowUsage } from './agent/watch-process.ts';
import { watchSamples, type SampleWatch } from './agent/watch-samples.ts';
import { buildFigure, median, type Benchmark, type Figure } from './harness/figure.ts';

const CONTAINERS = [0, 20, 100];
const SAMPLE_INTERVAL_MS = 5000;
/** After containers have started: their events are over, and V8 has collected what they left. */
const SETTLE_MS = 30_000;
const WINDOWS = 6;
const WINDOW_MS = 3 * SAMPLE_INTERVAL_MS;
/** The first samples of new containers have no rates yet, and the machine may be busy. */
const SAMPLE_TIMEOUT_MS = 30_000;
const MOST_MEMORY = 1.6;
const MOST_CPU_PERCENT = 3;
/** The level that the promise about the processor names. */
const PROMISED_CONTAINERS = 20;

/**
 * The agent as `npm run up` starts it (the bundle, with its flags), joined to a Core, on the bus, sampling every 5 s;
 * beside it a Node process that does nothing. Medians of windows in a steady state. At each level a sample with as many
 * containers must come through the stream, before and after measuring.
 */
export const benchmark: Benchmark = {
  description:
    `the agent with the flags of \`npm run up\` beside a bare idle Node without flags, ` +
    `with ${CONTAINERS.join(', ')} running containers, about 8 minutes`,
  async run(progress) {
    const containers = await IdleContainers.create();
    const system = await FlotillaSystem.create({ FLOTILLA_SAMPLE_INTERVAL_MS: String(SAMPLE_INTERVAL_MS) });
    // Without a channel to this process, which would take 3 MB.
    const bare = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e9)'], { stdio: 'ignore' });
    try {
      await system.start();
      const agent = await system.waitForLocalAgent(await system.signIn());
      const credsFile = join(system.dataDir, 'secrets', 'core.creds');
      const samples = await watchSamples(await system.readPort('nats'), credsFile, agent.id, containers.namePrefix);
      try {
        const pids = [await findAgent(system), bare.pid ?? 0] as const;
        const figures: Figure[] = [];
        for (const count of CONTAINERS) {
          await containers.growTo(count);
          const [ofAgent, ofBare] = await measureSteadyState(pids, samples, count);
          if ((await findAgent(system)) !== pids[0])
            throw new Error('the agent was started anew while it was measured');
          figures.push(...buildFigures(count, ofAgent, ofBare));
          for (const figure of figures.slice(-3)) progress(formatFigure(figure));
        }
        return figures;
      } finally {
        await samples.close();
      }
    } finally {
      bare.kill();
      await system.destroy();
      await containers.remove();
    }
  },
};

async function findAgent(system: FlotillaSystem): Promise<number> {
  const pid = (await system.listProcesses()).find(({ name }) => name === 'agent')?.pid;
  if (pid === undefined || pid === null) throw new Error('the agent does not run');
  return pid;
}

async function measureSteadyState(
  pids: readonly [agent: number, bare: number],
  samples: SampleWatch,
  containers: number,
): Promise<[agent: readonly WindowUsage[], bare: readonly WindowUsage[]]> {
  await samples.waitForSample(containers, SAMPLE_TIMEOUT_MS);
  await delay(SETTLE_MS);
  const [ofAgent = [], ofBare = []] = await watchProcesses(pids, WINDOWS, WINDOW_MS);
  await samples.waitForSample(containers, SAMPLE_TIMEOUT_MS);
  return [ofAgent, ofBare];
}

function buildFigures(containers: number, agent: readonly WindowUsage[], bare: readonly WindowUsage[]): Figure[] {
  const mebibytes = (usages: readonly WindowUsage[], pick: 'residentBytes' | 'proportionalBytes') =>
    median(usages.map((usage) => usage[pick])) / 2 ** 20;
  const memory = (figure: string, pick: 'residentBytes' | 'proportionalBytes') => ({
    figure: `${figure}, ${containers} containers`,
    value: mebibytes(agent, pick),
    unit: 'MiB',
    baseline: mebibytes(bare, pick),
  });
  return [
    buildFigure(memory('resident memory', 'residentBytes'), {
      words: `ratio ≤ ${MOST_MEMORY}`,
      holds: (_, ratio) => ratio <= MOST_MEMORY,
    }),
    buildFigure(memory('memory, shared pages divided', 'proportionalBytes')),
    buildFigure(
      {
        figure: `CPU (baseline: one core), ${containers} containers`,
        value: median(agent.map(({ cpuPercent }) => cpuPercent)),
        unit: '%',
        baseline: 100,
      },
      containers === PROMISED_CONTAINERS
        ? { words: `≤ ${MOST_CPU_PERCENT} %`, holds: (percent) => percent <= MOST_CPU_PERCENT }
        : undefined,
    ),
  ];
}

function formatFigure({ figure, value, unit, ratio }: Figure): string {
  return `${figure}: ${value} ${unit}, ratio ${ratio}`;
}
