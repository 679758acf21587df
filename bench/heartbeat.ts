import { FlotillaSystem } from '@flotilla/e2e/harness';
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { startChild, type Child } from './harness/child.ts';
import { buildFigure, median, percentile, type Benchmark, type Figure } from './harness/figure.ts';
import { preparePost, runLoad, type LoadResult } from './harness/http-load.ts';
import { createAgents } from './harness/create-agents.ts';

const AGENTS = 500;
const ROUNDS = 5;
const LOAD = { warmUpMs: 500, durationMs: 2500 };

/**
 * Heartbeats per second of one core-api process, as a ratio to a bare Express route that validates the same body.
 * Each of 500 simulated agents has its own connection and sends its next heartbeat when the last is answered, so the
 * servers, not the intervals, set the pace. Both are measured in turn, so that the machine's mood hits both.
 */
export const benchmark: Benchmark = {
  description: `${AGENTS} simulated agents, ${ROUNDS} rounds in turn with a bare Express route`,
  async run(progress) {
    const system = await FlotillaSystem.create();
    const bare = startChild(process.execPath, [join(import.meta.dirname, 'harness', 'bare-express.ts')]);
    const barePort = readPort(bare);
    try {
      await system.start();
      const appliedRevision = randomBytes(32).toString('hex');
      const agents = await createAgents(await system.readDatabaseUrl(), AGENTS, appliedRevision);
      const requests = agents.map(({ key }) =>
        preparePost('/api/heartbeat', { Authorization: `Bearer ${key}` }, buildBody(appliedRevision)),
      );
      return await measure(requests, await system.readPort('api'), await barePort, progress);
    } finally {
      await bare.stop();
      await system.destroy();
    }
  },
};

async function measure(
  requests: readonly Buffer[],
  apiPort: number,
  barePort: number,
  progress: (line: string) => void,
): Promise<Figure[]> {
  const rounds: { core: LoadResult; bare: LoadResult }[] = [];
  for (let round = 1; round <= ROUNDS; round += 1) {
    const bare = await runLoad({ host: '127.0.0.1', port: barePort, requests, ...LOAD });
    const core = await runLoad({ host: '127.0.0.1', port: apiPort, requests, ...LOAD });
    progress(`round ${round}: core-api ${core.perSecond.toFixed(0)}/s, bare Express ${bare.perSecond.toFixed(0)}/s`);
    rounds.push({ core, bare });
  }
  const failures = rounds.reduce((sum, { core, bare }) => sum + core.failures + bare.failures, 0);
  if (failures > 0) throw new Error(`${failures} requests failed; figures of failing requests mean nothing`);

  const p99 = (pick: 'core' | 'bare') => median(rounds.map((round) => percentile(round[pick].latenciesMs, 0.99)));
  return [
    buildFigure(
      {
        figure: 'heartbeats',
        value: median(rounds.map(({ core }) => core.perSecond)),
        unit: '/s',
        baseline: median(rounds.map(({ bare }) => bare.perSecond)),
      },
      { words: 'ratio ≥ 0.5', holds: (_, ratio) => ratio >= 0.5 },
    ),
    buildFigure({ figure: 'heartbeat p99 at full load', value: p99('core'), unit: 'ms', baseline: p99('bare') }),
  ];
}

function buildBody(appliedRevision: string) {
  return {
    agentVersion: '0.1.0',
    sessionId: randomUUID(),
    bus: 'connected',
    appliedRevision,
    taskResults: [],
  };
}

async function readPort(child: Child): Promise<number> {
  const [message] = (await once(child.process, 'message')) as [{ port: number }];
  return message.port;
}
