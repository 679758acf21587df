import { MAX_METRIC_POINTS } from '@flotilla/contracts';
import { repositoryRoot, waitFor } from '@flotilla/e2e/harness';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { LINES_PER_CHART, SERVICE_ID } from './charts/build-answers.ts';
import { openPage } from './charts/open-page.ts';
import { buildDashboard, serveDashboard, type ServedDashboard } from './charts/serve-dashboard.ts';
import { drawBareLines, movePointer, watchFrames } from './charts/watch-frames.ts';
import { buildFigure, median, type Benchmark, type Figure } from './harness/figure.ts';

const CHARTS = 30;
/** Of a service's containers; the others are the application's. */
const OWN_CHARTS = 4;
/** What a window of 1440 × 900 pixels shows of them, at least. */
const SEEN_CHARTS = 4;
const SLOWDOWN = 4;
const ROUNDS = 7;
/** A page that has asked for figures asks again five seconds after the answer. */
const HELD_MS = 6000;
const DRAWN_WITHIN_MS = 3000;
const POINTER_STEPS = 60;
/** On a machine that is busy with other work, the page may take that much more than the baseline does. */
const LARGEST_RATIO = 1.5;
/** Three frames at 60 a second: twenty positions a second, which the eye still takes for one movement. */
const LONGEST_MOVE_MS = 50;
/** A tenth of a second is what people notice as a delay (Nielsen, Usability Engineering, 1993). */
const LONGEST_REFRESH_MS = 100;

type Page = Awaited<ReturnType<typeof openPage>>['page'];

/**
 * A page of the dashboard with 30 charts of three lines of 500 points each, in Chromium on a processor that is slowed down
 * to a quarter. Crosshair: median time between frames while the pointer moves over a chart; the baseline moves it over a heading
 * of the same page. Refresh: the longest time between two frames while all charts get new figures; the baseline draws as many
 * lines of as many points on bare canvases, which any library has to do at least.
 */
export const benchmark: Benchmark = {
  description: `${CHARTS} charts of ${LINES_PER_CHART} × ${MAX_METRIC_POINTS} points, ${SLOWDOWN} times slower processor, ${ROUNDS} rounds`,
  async run(progress) {
    const directory = await mkdtemp(join(tmpdir(), 'flotilla-charts-'));
    await buildDashboard(repositoryRoot, directory);
    const dashboard = await serveDashboard(directory, CHARTS - OWN_CHARTS);
    const { page, close } = await openPage(SLOWDOWN);
    try {
      await showCharts(page, dashboard.url);
      return [await measurePointer(page, progress), await measureRefresh(page, dashboard, progress)];
    } finally {
      await close();
      await dashboard.close();
      await rm(directory, { recursive: true, force: true });
    }
  },
};

async function showCharts(page: Page, url: string): Promise<void> {
  await page.goto(`${url}/services/${SERVICE_ID}?range=1h`);
  const charts = page.locator('.chart canvas');
  await waitFor(`${CHARTS} charts`, async () => {
    const more = page.getByTestId('series-more');
    if (await more.isVisible()) await more.click();
    return (await charts.count()) === CHARTS ? true : null;
  });
  await page.evaluate('scrollTo(0, 0)');
  // Charts out of sight need none.
  await waitFor('a crosshair in every chart that is seen', async () => {
    await movePointer(page, '.chart__plot', 1);
    return (await page.locator('.overlay__crosshair').count()) >= SEEN_CHARTS ? true : null;
  });
}

async function measurePointer(page: Page, progress: (line: string) => void): Promise<Figure> {
  const rounds: { chart: number; heading: number }[] = [];
  for (let round = 1; round <= ROUNDS; round += 1) {
    const measure = async (selector: string) =>
      median(await watchFrames(page, () => movePointer(page, selector, POINTER_STEPS)));
    const heading = await measure('h1');
    const chart = await measure('.chart__plot');
    progress(`pointer, round ${round}: over a chart ${chart.toFixed(1)} ms, over a heading ${heading.toFixed(1)} ms`);
    rounds.push({ chart, heading });
  }
  return buildFigure(
    {
      figure: 'frame while the crosshair moves',
      value: median(rounds.map(({ chart }) => chart)),
      unit: 'ms',
      baseline: median(rounds.map(({ heading }) => heading)),
    },
    atMost(LONGEST_MOVE_MS),
  );
}

async function measureRefresh(
  page: Page,
  { hold }: Pick<ServedDashboard, 'hold'>,
  progress: (line: string) => void,
): Promise<Figure> {
  const rounds: { page: number; bare: number }[] = [];
  const longest = async (act: () => Promise<void>) => Math.max(...(await watchFrames(page, act)));
  for (let round = 1; round <= ROUNDS; round += 1) {
    hold(true);
    await delay(HELD_MS);
    const bare = await longest(async () => {
      await drawBareLines(page, LINES_PER_CHART, MAX_METRIC_POINTS);
      await delay(DRAWN_WITHIN_MS);
    });
    const shown = await longest(async () => {
      hold(false);
      await delay(DRAWN_WITHIN_MS);
    });
    progress(`refresh, round ${round}: ${shown.toFixed(0)} ms, bare canvases ${bare.toFixed(0)} ms`);
    rounds.push({ page: shown, bare });
  }
  return buildFigure(
    {
      figure: `longest frame of a refresh of ${CHARTS} charts`,
      value: median(rounds.map((round) => round.page)),
      unit: 'ms',
      baseline: median(rounds.map(({ bare }) => bare)),
    },
    atMost(LONGEST_REFRESH_MS),
  );
}

function atMost(valueMs: number) {
  return {
    words: `≤ ${valueMs} ms, or ratio ≤ ${LARGEST_RATIO}`,
    holds: (value: number, ratio: number) => value <= valueMs || ratio <= LARGEST_RATIO,
  };
}
