import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  MAX_CONTAINERS_PER_SAMPLE,
  MAX_SERIES_PER_SAMPLE,
  METRICS_STREAM,
  parseMetricsMessage,
  type MetricsSample,
} from '@flotilla/contracts';
import { connectBus, createLogger, ensureStreams, type BusConnection } from '@flotilla/runtime';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createBusKeyPair } from '../shared/bus-credentials.ts';
import { createCoreClock, type CoreClock } from '../shared/core-clock.ts';
import { AgentBus } from '../testing/agent-bus.ts';
import { createMemoryLog } from '../testing/memory-log.ts';
import { waitUntil } from '../testing/wait-until.ts';
import { countStream, readStream } from '../shared/publish/testing/read-stream.ts';
import type { MetricSources } from './sampling/sampler.ts';
import { startMetrics, type Metrics } from './start-metrics.ts';

const agentId = randomUUID();
const INTERVAL_MS = 50;
const TEN_MINUTES_MS = 600_000;
const ABSURDLY_MANY = 100_000;
const CONTAINER_ID = 'c'.repeat(64);

const sources: MetricSources = {
  readHost: async () => ({ values: { cpuPercent: 12.5, load1: null }, series: [['host.core.0.cpuPercent', 25]] }),
  readContainers: async () => [{ id: CONTAINER_ID, name: 'web', values: { memoryBytes: 4096 } }],
  readSeries: async () => [[CONTAINER_ID, 'requests', 7]],
};

let bus: AgentBus;
let core: BusConnection;
let agentBus: BusConnection;
let directory: string;
let log: ReturnType<typeof createMemoryLog>;
let running: Metrics[];

beforeEach(async () => {
  bus = await AgentBus.start();
  core = await bus.connectAsCore();
  await ensureStreams(core, [METRICS_STREAM]);
  const { publicKey, seed } = createBusKeyPair();
  const { urls, jwt, inboxPrefix } = await bus.admit(agentId, publicKey);
  const logger = createLogger({ name: 'test', level: 'fatal' });
  agentBus = await connectBus({ servers: urls, credentials: { jwt, seed }, name: 'agent', inboxPrefix, logger });
  directory = await mkdtemp(join(tmpdir(), 'flotilla-metrics-'));
  log = createMemoryLog();
  running = [];
});

afterEach(async () => {
  await Promise.all(running.map((metrics) => metrics.close()));
  await agentBus.close();
  await bus.stop();
  await rm(directory, { recursive: true, force: true });
});

/** A clock of the Core, asked once; the host's is wrong by so much. */
function createClock(wrongMs = 0): CoreClock {
  const clock = createCoreClock(log.logger, {
    monotonicMs: () => performance.now(),
    wallMs: () => Date.now() + wrongMs,
  });
  const at = performance.now();
  clock.measure({ sentAtMs: at, receivedAtMs: at + 2, serverTimeMs: Date.now() + 1 });
  return clock;
}

function start(overrides: Partial<MetricSources> = {}, clock = createClock()): Metrics {
  const metrics = startMetrics({
    agentId,
    directory: join(directory, 'spool'),
    spoolMaxBytes: 2 ** 23,
    sampleIntervalMs: INTERVAL_MS,
    sources: { ...sources, ...overrides },
    clock,
    logger: log.logger,
    signal: new AbortController().signal,
  });
  running.push(metrics);
  metrics.setBus(agentBus);
  return metrics;
}

async function readSamples(): Promise<MetricsSample[]> {
  return (await readStream(core)).map(({ payload }) => {
    const parsed = parseMetricsMessage(JSON.parse(Buffer.from(payload).toString()));
    if (!parsed.ok) throw new Error(parsed.reason);
    expect(parsed.refused).toBe(0);
    return parsed.sample;
  });
}

const waitForSamples = (count: number) => waitUntil(`${count} samples`, async () => (await countStream(core)) >= count);

function expectGrowing(samples: readonly MetricsSample[]): void {
  const times = samples.map(({ sampledAt }) => sampledAt);
  expect(times).toEqual([...new Set(times)].toSorted((a, b) => a - b));
}

describe('metrics', () => {
  it('bring what the sources say to the stream, with the agent’s own figures, unknown ones as unknown', async () => {
    const metrics = start();
    await waitForSamples(5);
    const samples = await readSamples();
    const [, second] = samples;
    expectGrowing(samples);
    expect(second?.clockOffsetMs).toBe(0);
    expect(second?.host?.slice(0, 2)).toEqual([12.5, Number.NaN]);
    // spoolBytes, spoolDroppedSamples, agentCpuPercent, agentMemoryBytes, sampleDurationMs
    expect(second?.host?.slice(-5)).toEqual([0, 0, expect.any(Number), expect.any(Number), expect.any(Number)]);
    expect(second?.containers).toMatchObject({ ids: [CONTAINER_ID], names: ['web'] });
    expect(second?.containers.values.filter((value) => !Number.isNaN(value))).toEqual([4096]);
    expect(second?.series).toEqual([
      { containerId: null, name: 'host.core.0.cpuPercent', value: 25 },
      { containerId: CONTAINER_ID, name: 'requests', value: 7 },
    ]);
    expect(metrics.figures()).toMatchObject({ spool: { droppedSamples: 0 }, publisher: { discarded: 0, resent: 0 } });
  });

  it('have no containers when Docker is away, instead of none of them', async () => {
    start({ readContainers: async () => null });
    await waitForSamples(1);
    const [message] = await readStream(core);
    expect(JSON.parse(Buffer.from(message?.payload ?? []).toString())).not.toHaveProperty('containers');
  });

  it('of a host with an absurd number of containers and series are cut into messages that the bus takes', async () => {
    const many = Array.from({ length: ABSURDLY_MANY }, (_, index) => ({
      id: index.toString(16).padStart(64, '0'),
      name: 'x'.repeat(255),
      values: { memoryBytes: index },
    }));
    const series = many.map(({ id, name }) => [id, name.slice(0, 190), 1] as const);
    let samplesTaken = 0;
    const metrics = start({
      readContainers: async () => ((samplesTaken += 1) === 1 ? many : []),
      readSeries: async () => (samplesTaken === 1 ? series : []),
    });
    // The messages of the large sample, and some after it.
    await waitForSamples(6);
    const messages = await readStream(core);
    const largest = Math.max(...messages.map(({ payload }) => payload.length));
    expect(largest).toBeLessThanOrEqual(METRICS_STREAM.maxMessageBytes);
    expect(
      JSON.stringify({ rows: many.map(({ id, name }) => [id, name]) }).length,
      'the control: in one message the bus would not take it',
    ).toBeGreaterThan(METRICS_STREAM.maxMessageBytes);
    const samples = await readSamples();
    const [first] = samples;
    const parts = samples.filter(({ sampledAt }) => sampledAt === first?.sampledAt);
    expect(parts.length).toBeGreaterThan(1);
    expect(parts.filter(({ host }) => host !== null)).toHaveLength(1);
    const ids = parts.flatMap(({ containers }) => containers.ids);
    expect(ids).toEqual(many.slice(0, MAX_CONTAINERS_PER_SAMPLE).map(({ id }) => id));
    const ofContainers = parts.flatMap((part) => part.series.filter(({ containerId }) => containerId !== null));
    expect(ofContainers.length).toBeGreaterThan(MAX_SERIES_PER_SAMPLE - 10);
    expect(log.text()).toContain('more containers or series than the Core stores');
    expect(metrics.figures()).toMatchObject({ spool: { droppedSamples: 0 }, publisher: { discarded: 0 } });
  });

  it('do without a source that fails, and say so once', async () => {
    start({ readHost: () => Promise.reject(new Error('no such file')) });
    await waitForSamples(3);
    const samples = await readSamples();
    expect(samples.map(({ containers }) => containers.ids.length)).toEqual(samples.map(() => 1));
    expect(samples[0]?.host?.[0]).toBeNaN();
    expect(log.text().match(/a source of figures fails/g)).toHaveLength(1);
  });

  it('never take two samples at once, and skip the ticks of a slow one', async () => {
    let [atOnce, most, begun] = [0, 0, 0];
    start({
      readContainers: async () => {
        begun += 1;
        most = Math.max(most, (atOnce += 1));
        await delay(4.5 * INTERVAL_MS);
        atOnce -= 1;
        return [];
      },
    });
    const startedAt = performance.now();
    await waitForSamples(4);
    expect(most).toBe(1);
    expect((performance.now() - startedAt) / begun).toBeGreaterThan(4 * INTERVAL_MS);
  });

  it('keep what they sample while the bus is away, and bring it in order', async () => {
    const metrics = start();
    await waitForSamples(2);
    metrics.setBus(null);
    await waitUntil('20 samples on disk', () => (metrics.figures().spool.waiting?.messages ?? 0) >= 20);
    const before = await countStream(core);
    expect(metrics.figures().publisher.sent, 'nothing is sent').toBeLessThanOrEqual(before + 1);
    metrics.setBus(agentBus);
    await waitForSamples(before + 20);
    const samples = await readSamples();
    expectGrowing(samples);
    expect(Math.max(...samples.map(({ host }) => host?.at(-5) ?? 0)), 'what waited was shown').toBeGreaterThan(1000);
  });

  it.each([TEN_MINUTES_MS, -TEN_MINUTES_MS])(
    'carry the Core’s time when the host’s clock is wrong by %i ms',
    async (wrong) => {
      start({}, createClock(wrong));
      await waitForSamples(3);
      for (const { sampledAt, clockOffsetMs } of await readSamples()) {
        expect(Math.abs(sampledAt - Date.now())).toBeLessThan(5000);
        // The control: the host's own clock said something else.
        expect(Math.abs(sampledAt - (clockOffsetMs ?? 0) - Date.now())).toBeGreaterThan(TEN_MINUTES_MS - 5000);
      }
    },
  );

  it('wait for the Core’s time at the beginning, and go on without it when it does not come', async () => {
    const clock = createCoreClock(log.logger);
    const metrics = start({}, clock);
    await waitUntil('readings', () => metrics.figures().sampleDurationMs !== null);
    await delay(5 * INTERVAL_MS);
    expect(await countStream(core)).toBe(0);
    await waitForSamples(1);
    expect((await readSamples())[0]?.clockOffsetMs).toBeNull();
  });

  it('go on after a restart with later times, and lose nothing of the run before', async () => {
    const before = start();
    before.setBus(null);
    await waitUntil('5 samples on disk', () => (before.figures().spool.waiting?.messages ?? 0) >= 5);
    await before.close();
    const left = before.figures().publisher.sent;
    start();
    await waitForSamples(10);
    expect(left).toBe(0);
    expectGrowing(await readSamples());
  });

  it('end within a bound and leave no timer, also when the bus does not answer', async () => {
    const metrics = start();
    await waitForSamples(1);
    await bus.server.stop();
    const startedAt = performance.now();
    await metrics.close();
    expect(performance.now() - startedAt).toBeLessThan(2000);
    const sent = metrics.figures().publisher.sent;
    await delay(4 * INTERVAL_MS);
    expect(metrics.figures().publisher.sent).toBe(sent);
  });
});
