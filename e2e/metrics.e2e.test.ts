import {
  createService,
  getSeriesMetrics,
  listAgents,
  listAgentSeries,
  listContainerUsage,
  type Agent,
} from '@flotilla/contracts';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiClient } from './harness/api.ts';
import { CHROMIUM_OPTIONS } from './harness/browser.ts';
import { docker } from './harness/docker.ts';
import { ExtraAgent } from './harness/extra-agent.ts';
import { findFreePorts, FlotillaSystem } from './harness/system.ts';
import { waitFor } from './harness/wait.ts';

const SAMPLE_INTERVAL_MS = 1000;
const OUTAGE_MS = 120_000;
/** The promise: what happens on a node is in the browser's chart within this time. */
const LIVE_WITHIN_MS = 10_000;
const BUSY_PERCENT = 40;
const CLOCK_ERROR_MS = 600_000;
/** Two processes of one busy machine ask for the time one after the other. */
const CLOCK_TOLERANCE_MS = 3000;

/** From the node's /proc and Docker to the table and to a chart in a real browser. */
describe('metrics', () => {
  let system: FlotillaSystem;
  let api: ApiClient;
  let agent: Agent;
  let database: pg.Client;

  beforeAll(async () => {
    system = await FlotillaSystem.create({ FLOTILLA_SAMPLE_INTERVAL_MS: String(SAMPLE_INTERVAL_MS) });
    await system.start();
    api = await system.signIn();
    agent = await system.waitForLocalAgent(api);
    database = new pg.Client({ connectionString: await system.readDatabaseUrl() });
    await database.connect();
  });

  afterAll(async () => {
    await database.end();
    await system.destroy();
  });

  const readSampleTimes = async (from: number, to = Date.now()): Promise<number[]> => {
    const { rows } = await database.query<{ at: Date }>(
      'select at from host_metrics where agent_id = $1 and at between $2 and $3 order by at',
      [agent.id, new Date(from), new Date(to)],
    );
    return rows.map(({ at }) => at.getTime());
  };
  const newestSample = async (): Promise<number> => (await readSampleTimes(Date.now() - 600_000)).at(-1) ?? 0;
  /** Longest time between two stored samples of a period, its ends counted. */
  const longestGap = async (from: number, to: number): Promise<number> =>
    findLongestGap([from, ...(await readSampleTimes(from, to)), to]);

  /** Of a process of the installation; 0 while it does not run. */
  const readPid = async (process: string): Promise<number> =>
    (await system.listProcesses()).find(({ name }) => name === process)?.pid ?? 0;

  it('arrive from the node by themselves', async () => {
    await waitFor('samples of the host', async () =>
      (await readSampleTimes(Date.now() - 60_000)).length >= 3 ? true : null,
    );
  });

  it.each([CLOCK_ERROR_MS, -CLOCK_ERROR_MS])(
    'of a node whose clock is wrong by %i ms have the right time, and the node is flagged',
    async (wrongMs) => {
      const dir = await mkdtemp(join(tmpdir(), 'flotilla-e2e-clock-'));
      const [httpPort, httpsPort] = await findFreePorts();
      const env = { FLOTILLA_SAMPLE_INTERVAL_MS: String(SAMPLE_INTERVAL_MS), NODE_OPTIONS: renderWrongClock(wrongMs) };
      const name = `clock-${randomUUID().slice(0, 8)}`;
      const node = await ExtraAgent.join(api, { name, dir, httpPort, httpsPort, env });
      try {
        const flagged = await waitFor('the node to be flagged', async () => {
          const { items } = await api.expect(listAgents);
          return items.find((item) => item.name === name && item.clockOffsetMs !== null) ?? null;
        });
        expect(Math.abs((flagged.clockOffsetMs ?? 0) + wrongMs)).toBeLessThan(CLOCK_TOLERANCE_MS);
        const samples = await waitFor('its samples', async () => {
          const { rows } = await database.query<{ at: Date; offset: number; now: Date }>(
            `select at, clock_offset_ms as offset, now() as now from host_metrics
             where agent_id = $1 and clock_offset_ms is not null order by at desc limit 3`,
            [flagged.id],
          );
          return rows.length === 3 ? rows : null;
        });
        for (const { at, offset, now } of samples) {
          expect(Math.abs(now.getTime() - at.getTime())).toBeLessThan(CLOCK_TOLERANCE_MS * 3);
          const byItsOwnClock = at.getTime() - offset;
          expect(
            Math.abs(byItsOwnClock - now.getTime()),
            'the control: its own clock said something else',
          ).toBeGreaterThan(CLOCK_ERROR_MS - CLOCK_TOLERANCE_MS * 3);
        }
        const healthy = (await api.expect(listAgents)).items.find(({ id }) => id === agent.id);
        expect(healthy?.clockOffsetMs, 'the control: a right clock is not flagged').toBe(0);
      } finally {
        await node.stop();
        await rm(dir, { recursive: true, force: true });
      }
    },
  );

  it(
    'of two minutes without a bus are all there afterwards',
    async () => {
      const nats = await readPid('nats');
      const from = await newestSample();
      process.kill(nats, 'SIGSTOP');
      try {
        await delay(OUTAGE_MS);
        expect(Date.now() - (await newestSample()), 'the control: nothing arrives without a bus').toBeGreaterThan(
          OUTAGE_MS * 0.9,
        );
        const { items } = await api.expect(listAgents);
        expect(items.find(({ id }) => id === agent.id)?.status, 'its heartbeats need no bus').toBe('online');
      } finally {
        process.kill(nats, 'SIGCONT');
      }
      const to = Date.now();
      await waitFor(
        'newer samples than the outage',
        async () => ((await newestSample()) > to + SAMPLE_INTERVAL_MS ? true : null),
        90_000,
      );
      expect(await longestGap(from, to)).toBeLessThan(SAMPLE_INTERVAL_MS * 4);
      const times = await readSampleTimes(from, to);
      expect(times.length).toBeGreaterThan((OUTAGE_MS / SAMPLE_INTERVAL_MS) * 0.9);
      const withLoss = times.toSpliced(times.length / 2, 4);
      expect(findLongestGap(withLoss), 'the control: four lost samples would show').toBeGreaterThan(
        SAMPLE_INTERVAL_MS * 4,
      );
    },
    OUTAGE_MS + 180_000,
  );

  it('of the time in which the bus is killed and starts again are all there afterwards', async () => {
    const from = await newestSample();
    const before = await readPid('nats');
    await system.crash('nats');
    await waitFor(
      'the bus to run again',
      async () => ([0, before].includes(await readPid('nats')) ? null : true),
      60_000,
    );
    const to = Date.now() + 5 * SAMPLE_INTERVAL_MS;
    await waitFor(
      'every sample around the restart',
      async () => ((await newestSample()) > to && (await longestGap(from, to)) < SAMPLE_INTERVAL_MS * 4 ? true : null),
      90_000,
    );
  });

  it('of the time without a worker are all there afterwards', async () => {
    const from = await newestSample();
    await system.crash('core-workers');
    const to = Date.now() + 5 * SAMPLE_INTERVAL_MS;
    // What the killed process had in hand is delivered again once its time to answer is over.
    await waitFor(
      'every sample around the crash',
      async () => ((await newestSample()) > to && (await longestGap(from, to)) < SAMPLE_INTERVAL_MS * 4 ? true : null),
      90_000,
    );
  });

  /** Needs a Docker Engine; `npm test` starts one where it can. */
  describe.skipIf(process.env['FLOTILLA_TEST_DOCKER'] !== '1')('of a container', () => {
    const name = `flotilla-e2e-${randomUUID().slice(0, 8)}`;
    let browser: Browser;
    let page: Page;

    beforeAll(async () => {
      await docker('run', '--detach', '--name', name, '--env', 'BODY=idle', 'flotilla-test/web');
      browser = await chromium.launch(CHROMIUM_OPTIONS);
      page = await browser.newPage({ locale: 'en', viewport: { width: 1440, height: 900 } });
    });

    afterAll(async () => {
      await browser.close();
      await docker('rm', '--force', name);
    });

    const readUsage = async () => {
      const { items } = await api.expect(listContainerUsage, { params: { id: agent.id } });
      return items.find((usage) => usage.name === name) ?? null;
    };
    /** The newest value that the open container's chart shows; null while it shows none. */
    const readChart = async (): Promise<number | null> => {
      const chart = page.getByTestId('container-drawer').getByTestId('chart-cpuPercent');
      const latest = await chart.getAttribute('data-latest');
      return latest === null || latest === '' ? null : Number(latest);
    };

    it('are in the list of current use', async () => {
      const usage = await waitFor('the container to be sampled', async () => {
        const found = await readUsage();
        return typeof found?.values['cpuPercent'] === 'number' ? found : null;
      });
      expect(usage.values['cpuPercent']).toBeLessThan(BUSY_PERCENT);
      expect(usage.values['memoryBytes']).toBeGreaterThan(0);
    });

    it('rise in the browser’s chart within ten seconds of the event', async () => {
      await signIn();
      await page.goto(`${system.baseUrl}/nodes/${agent.id}?range=5m`);
      await page.getByTestId('container-usage-row').filter({ hasText: name }).getByTestId('container-open').click();
      await waitFor('the chart of the idle container', async () =>
        ((await readChart()) ?? BUSY_PERCENT) < BUSY_PERCENT ? true : null,
      );
      await docker('exec', '--detach', name, 'sh', '-c', 'while :; do :; done');
      const startedAt = Date.now();
      await waitFor('the rise', async () => (((await readChart()) ?? 0) > BUSY_PERCENT ? true : null), 30_000);
      expect(Date.now() - startedAt).toBeLessThan(LIVE_WITHIN_MS);
    });

    it('have the figures that the application tells, where its service says', async () => {
      const application = `${name}-app`;
      const tell = `mkdir -p /www; echo 'jobs{queue="mail"} 3' > /www/metrics.txt; exec httpd -f -p 80 -h /www`;
      await docker('run', '--detach', '--name', application, 'flotilla-test/web', 'sh', '-c', tell);
      try {
        await api.expect(createService, {
          body: {
            name: 'app with figures',
            agentIds: [agent.id],
            domains: ['figures.example.com'],
            target: { container: application, port: 80 },
            metricsPath: '/metrics.txt',
          },
        });
        const query = { container: application };
        // It is read every 15 s.
        const [series] = await waitFor(
          'the series',
          async () => {
            const { items } = await api.expect(listAgentSeries, { params: { id: agent.id }, query });
            return items.length > 0 ? items : null;
          },
          60_000,
        );
        expect(series).toMatchObject({ name: 'jobs{queue="mail"}', containerName: application });
        const answer = await api.expect(getSeriesMetrics, {
          params: { id: agent.id },
          query: { ...query, range: '5m', names: 'jobs{queue="mail"}' },
        });
        expect(answer.series[0]?.max.findLast((value) => value !== null)).toBe(3);
      } finally {
        await docker('rm', '--force', application);
      }
      // The other container tells nothing, and nobody asked it.
      const others = await api.expect(listAgentSeries, { params: { id: agent.id }, query: { container: name } });
      expect(others.items).toEqual([]);
    });

    async function signIn(): Promise<void> {
      const fill = (id: string, value: string) => page.getByTestId(id).locator('input').first().fill(value);
      await page.goto(system.baseUrl);
      await fill('login-email', system.admin.email);
      await fill('login-password', system.admin.password);
      await page.getByTestId('login-submit').click();
      await page.getByTestId('nav-nodes').waitFor();
    }
  });
});

function findLongestGap(times: readonly number[]): number {
  return Math.max(...times.slice(1).map((time, index) => time - (times[index] ?? 0)));
}

/** Options of Node under which a process believes that it is another time: what a host's wrong clock looks like from inside. */
function renderWrongClock(wrongMs: number): string {
  const script = `const R=Date;globalThis.Date=class extends R{constructor(...a){a.length===0?super(R.now()+${wrongMs}):super(...a)}static now(){return R.now()+${wrongMs}}}`;
  return `--import=data:text/javascript,${encodeURIComponent(script)}`;
}
