import { FlotillaSystem } from '@flotilla/e2e/harness';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { measureBareReload } from './harness/bare-nginx.ts';
import { buildFigure, percentile, type Benchmark, type Figure } from './harness/figure.ts';
import { measureChanges } from './harness/measure-changes.ts';

const SITES = 50;
const CHANGES = 100;
const POLLING_INTERVAL_MS = 2000;
const ALLOWANCE_MS = 250;
/** A bus address where nobody listens: the agent is left to its polling. */
const NO_BUS = { FLOTILLA_BUS_URL: 'nats://127.0.0.1:1' };

/**
 * From the moment a changed service is sent to the Core until the node's nginx answers with the new target, over 100
 * changes on a node with 50 sites: with the bus, and by polling alone. The baseline is nginx itself in the same run: a
 * rewritten file, SIGHUP, until the new target answers.
 */
export const benchmark: Benchmark = {
  description: `${CHANGES} changes on a node with ${SITES} sites, with the bus and without`,
  async run(progress) {
    const folder = await mkdtemp(join(tmpdir(), 'flotilla-bench-'));
    const system = await FlotillaSystem.create();
    try {
      await system.start();
      const api = await system.signIn();
      progress('nginx alone');
      const bare = await measureBareReload(join(folder, 'bare'), SITES, CHANGES);
      progress('with the bus');
      const bus = await measureChanges(api, { dir: join(folder, 'bus'), name: 'bus', sites: SITES, changes: CHANGES });
      progress('by polling alone');
      const polled = await measureChanges(api, {
        dir: join(folder, 'polling'),
        name: 'polling',
        sites: SITES,
        changes: CHANGES,
        env: NO_BUS,
      });
      return buildFigures(bare, bus, polled);
    } finally {
      await system.destroy();
      await rm(folder, { recursive: true, force: true });
    }
  },
};

function buildFigures(bare: readonly number[], bus: readonly number[], polled: readonly number[]): Figure[] {
  const figure = (name: string, samples: readonly number[], share: number, limitMs?: number) =>
    buildFigure(
      { figure: name, value: percentile(samples, share), unit: 'ms', baseline: percentile(bare, share) },
      limitMs === undefined ? undefined : { words: `< ${limitMs} ms`, holds: (value) => value < limitMs },
    );
  return [
    figure('saved → serves, with the bus, p50', bus, 0.5),
    figure('saved → serves, with the bus, p95', bus, 0.95, ALLOWANCE_MS),
    figure('saved → serves, polling, p50', polled, 0.5),
    figure('saved → serves, polling, p95', polled, 0.95, POLLING_INTERVAL_MS + ALLOWANCE_MS),
  ];
}
