import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMemoryLog } from '../../testing/memory-log.ts';
import { waitUntil } from '../../testing/wait-until.ts';
import type { PolledContainer } from './choose-container-port.ts';
import { MAX_SERIES_PER_CONTAINER } from './custom-reading.ts';
import { startCustomMetrics, type CustomMetrics } from './start-custom-metrics.ts';
import { buildPolledContainer } from './testing/build-polled-container.ts';
import { MetricsServer, text } from './testing/metrics-server.ts';

const INTERVAL_MS = 40;

let answer: Parameters<typeof text>;
let server: MetricsServer;
let containers: PolledContainer[] | null;
let log: ReturnType<typeof createMemoryLog>;
let ending: AbortController;
let custom: CustomMetrics | null;
let release: () => void;

beforeEach(async () => {
  answer = ['a 1\nb{c="d"} 2\n'];
  release = () => undefined;
  server = await MetricsServer.start({
    '/metrics': (request, response) => text(...answer)(request, response),
    '/other': text('{"a":5}', 'application/json'),
    '/many': text(Array.from({ length: 5000 }, (_, index) => `n${index} ${index}`).join('\n')),
    '/held': (request, response) => {
      release = () => text(...answer)(request, response);
    },
    '/never': () => undefined,
  });
  containers = [buildLabelled('web', '/metrics')];
  log = createMemoryLog();
  ending = new AbortController();
  custom = null;
});

afterEach(async () => {
  ending.abort();
  await custom?.finished;
  await server.stop();
});

/** A container whose address is the server's. */
function buildLabelled(name: string, path: string): PolledContainer {
  return buildPolledContainer(name, {
    networks: [{ name: 'bridge', address: '127.0.0.1' }],
    labels: { path, port: String(server.port) },
  });
}

function start(): CustomMetrics {
  custom = startCustomMetrics({
    listSites: () => [],
    listContainers: () => containers,
    logger: log.logger,
    signal: ending.signal,
    intervalMs: INTERVAL_MS,
  });
  return custom;
}

const countLines = (words: string): number => log.text().split(words).length - 1;
const waitForReadings = (metrics: CustomMetrics, more: number) => {
  const before = metrics.figures().readings;
  return waitUntil(`${more} readings`, () => metrics.figures().readings >= before + more);
};
/** What a sample in a while would have. */
async function takeSeries(metrics: CustomMetrics) {
  const series: (readonly [string | null, string, number])[] = [];
  await waitUntil('series', async () => {
    series.push(...(await metrics.readSeries()));
    return series.length > 0;
  });
  return series;
}

describe('custom metrics', () => {
  it('are read again and again, and each reading is in one sample', async () => {
    const metrics = start();
    const id = containers?.[0]?.observed.id;
    expect(await takeSeries(metrics)).toEqual([
      [id, 'a', 1],
      [id, 'b{c="d"}', 2],
    ]);
    // Between two readings; the interval has hardly begun.
    expect(await metrics.readSeries()).toEqual([]);
    expect(metrics.readLatest(id ?? ''), 'also when it was taken').toEqual([
      ['a', 1],
      ['b{c="d"}', 2],
    ]);
    expect(metrics.readLatest('another')).toEqual([]);
    answer = ['a 3'];
    await waitForReadings(metrics, 2);
    expect(await takeSeries(metrics)).toEqual([[id, 'a', 3]]);
    expect(metrics.figures()).toMatchObject({ endpoints: 1, failingEndpoints: 0, problems: 0, series: 1 });
  });

  it('that fail are a gap, counted, and said once; also that they are back', async () => {
    const metrics = start();
    await takeSeries(metrics);
    answer = ['<html>', 'text/html'];
    await waitUntil('the failure', () => metrics.figures().failingEndpoints === 1);
    await metrics.readSeries();
    await waitForReadings(metrics, 3);
    expect(await metrics.readSeries(), 'a gap, not a zero and not the last value').toEqual([]);
    expect(metrics.readLatest(containers?.[0]?.observed.id ?? '')).toEqual([]);
    expect(metrics.figures()).toMatchObject({ failingEndpoints: 1, series: 0 });
    expect(metrics.figures().failedReadings).toBeGreaterThanOrEqual(3);
    expect(countLines('custom metrics cannot be read')).toBe(1);
    expect(log.text()).toContain('type text/html is neither JSON nor');
    answer = ['a 4'];
    expect(await takeSeries(metrics)).toMatchObject([[expect.any(String), 'a', 4]]);
    expect(metrics.figures().failingEndpoints).toBe(0);
    expect(countLines('custom metrics are read"')).toBe(2);
  });

  it('of one endpoint do not wait for another that hangs', async () => {
    containers = [buildLabelled('a', '/never'), buildLabelled('web', '/other')];
    const metrics = start();
    expect(await takeSeries(metrics)).toMatchObject([[expect.any(String), 'a', 5]]);
  });

  it('are bounded for a container and for the node', async () => {
    containers = Array.from({ length: 6 }, (_, index) => buildLabelled(`n${index}`, '/many'));
    const metrics = start();
    await waitUntil('all endpoints', () => metrics.figures().leftSeries > 6 * 4500);
    expect(metrics.figures()).toMatchObject({ series: 2000, leftSeries: 6 * 4500 + 2 * MAX_SERIES_PER_CONTAINER });
    const series = await takeSeries(metrics);
    const perContainer = Map.groupBy(series, ([id]) => id);
    for (const rows of perContainer.values()) expect(rows.length).toBeLessThanOrEqual(MAX_SERIES_PER_CONTAINER);
    await waitForReadings(metrics, 12);
    expect(countLines('some custom metrics are left out'), 'once for each endpoint').toBe(6);
  });

  /** Asks the container, changes something, and lets it answer. */
  async function answerAfter(change: () => void): Promise<{ readonly isCounted: () => Promise<boolean> }> {
    containers = [buildLabelled('web', '/held')];
    const asked = containers[0]?.observed.id;
    const metrics = start();
    await waitUntil('the question', () => server.asked.includes('/held'));
    change();
    release();
    return { isCounted: async () => (await metrics.readSeries()).some(([id]) => id === asked) };
  }

  it.each([
    ['has ended', () => []],
    ['has been replaced', () => [buildLabelled('other', '/metrics')]],
    ['has another address', () => [buildPolledContainer('web')]],
    ['cannot be asked about', () => null],
  ])('of a container that %s while it was asked are not counted', async (_, change) => {
    const { isCounted } = await answerAfter(() => (containers = change()));
    await waitUntil('the end of the connection', async () => (await server.countConnections()) === 0);
    // The server is done; so long the other end may take to look at what it got.
    await delay(50);
    expect(await isCounted()).toBe(false);
  });

  it('of a container that is what it was are counted', async () => {
    const { isCounted } = await answerAfter(() => undefined);
    await waitUntil('the series', isCounted);
    expect(log.text()).toContain('custom metrics are read');
  });

  it('are not asked for while Docker is away', async () => {
    const metrics = start();
    await takeSeries(metrics);
    containers = null;
    await waitUntil('the pause', () => metrics.figures().endpoints === 0);
    const before = server.asked.length;
    expect(await metrics.readSeries()).toEqual([]);
    containers = [buildLabelled('web', '/metrics')];
    await takeSeries(metrics);
    expect(server.asked.length, 'the control: it is asked again').toBeGreaterThan(before);
    expect(countLines('custom metrics are read"'), 'nothing has changed').toBe(1);
  });

  it('that are asked for and are no container’s are said once', async () => {
    containers = [buildPolledContainer('web', { labels: { port: '80' } })];
    const metrics = start();
    await waitUntil('the problem', () => metrics.figures().problems === 1);
    containers = [buildPolledContainer('web', { labels: { port: '80' } }), buildLabelled('x', '/metrics')];
    await waitForReadings(metrics, 2);
    expect(countLines('custom metrics are asked for and not read')).toBe(1);
  });

  it('end at once, whatever is on its way', async () => {
    containers = Array.from({ length: 20 }, (_, index) => buildLabelled(`n${index}`, '/never'));
    const metrics = start();
    await waitUntil('questions', () => server.asked.length >= 8);
    expect(server.asked.length, 'no more at once').toBe(8);
    const startedAt = performance.now();
    ending.abort();
    await metrics.finished;
    expect(performance.now() - startedAt).toBeLessThan(1000);
    await waitUntil('no connection', async () => (await server.countConnections()) === 0);
    expect(server.asked, 'nothing was begun afterwards').toHaveLength(8);
    expect(countLines('custom metrics cannot be read'), 'an end is no failure').toBe(0);
  });
});
