import { METRICS_STREAM, subjects } from '@flotilla/contracts';
import { queryRows } from '@flotilla/core-db';
import { afterEach, describe, expect, it } from 'vitest';
import { buildSampleMessage, publishSample } from '../testing/build-sample-message.ts';
import { IngestionStand, recentTimes } from '../testing/ingestion-stand.ts';
import { readDeadLetters } from '../testing/test-bus.ts';
import type { WorkerProcess } from '../testing/worker-process.ts';

const BOUND = { timeout: 60_000, interval: 30 };
const MILLION = 1_000_000;
/** Of the contracts: containers of one message that are stored. */
const KEPT = 2000;

/** A real worker process that gets what no agent of ours would send. */
describe('a worker with messages that are too large or not true', () => {
  let stand: IngestionStand;
  let worker: WorkerProcess;

  afterEach(() => stand.close());

  async function start(natsConfig = ''): Promise<void> {
    stand = await IngestionStand.create({ natsConfig });
    worker = await stand.startWorker();
  }

  const countContainers = async (sampledAt: number): Promise<number> => {
    const rows = await queryRows(stand.test.session, 'select 1 from container_metrics where at = $1', [
      new Date(sampledAt),
    ]);
    return rows.length;
  };
  const untilAllAreAnswered = async (): Promise<void> => {
    await expect.poll(() => stand.readUnanswered(), BOUND).toBe(0);
    expect(worker.isRunning, worker.log).toBe(true);
  };
  const readRefused = () => worker.readFigure('flotilla_consumer_refused_values_total', 'METRICS');

  /** Times of a sample before, of the strange one, and of a sample after it. */
  const chooseTimes = (): [number, number, number] => {
    const [before = 0, at = 0, after = 0] = recentTimes(3);
    return [before, at, after];
  };
  /** Twelve digits are a container's id, too. */
  const buildContainers = (count: number) => ({
    metrics: ['cpuPercent'],
    rows: Array.from({ length: count }, (_, index) => [index.toString(16).padStart(12, '0'), 'x', 1] as const),
  });

  /** Up to a million, in as few bytes as can be. */
  const padded = (rows: readonly unknown[]): readonly unknown[] => [
    ...rows,
    ...Array.from({ length: MILLION - rows.length }, () => []),
  ];

  it('never sees a million containers: the bus takes no message of that size, and the rest goes on', async () => {
    await start();
    const [before, at, after] = chooseTimes();
    await publishSample(stand.bus, stand.agentId, buildSampleMessage({ sampledAt: before }));
    const large = buildSampleMessage({ sampledAt: at, containers: buildContainers(MILLION) });
    await expect(publishSample(stand.bus, stand.agentId, large)).rejects.toThrow('max_payload');
    await publishSample(stand.bus, stand.agentId, buildSampleMessage({ sampledAt: after }));
    await untilAllAreAnswered();
    expect(await stand.readTimes()).toEqual([before, after]);
  });

  it('stores a bounded part of a million containers where a bus lets them through, and counts the rest', async () => {
    await start('max_payload: 64MB');
    // The stream has a bound of its own, which the worker sets when it starts.
    await (await stand.bus.jetstreamManager()).streams.update(METRICS_STREAM.name, { max_msg_size: -1 });
    const [before, at, after] = chooseTimes();
    await publishSample(stand.bus, stand.agentId, buildSampleMessage({ sampledAt: before }));
    const { rows, metrics } = buildContainers(KEPT);
    const large = { ...buildSampleMessage({ sampledAt: at, series: [] }), containers: { metrics, rows: padded(rows) } };
    await publishSample(stand.bus, stand.agentId, large);
    await publishSample(stand.bus, stand.agentId, buildSampleMessage({ sampledAt: after }));
    await untilAllAreAnswered();
    expect(await stand.readTimes()).toEqual([before, at, after]);
    expect(await countContainers(at)).toBe(KEPT);
    expect(await readRefused()).toBe(MILLION - KEPT);
    expect(await readDeadLetters(stand.bus)).toEqual([]);
  });

  it('stores all containers of the largest host (negative control: the bound is what cut)', async () => {
    await start();
    const [, at] = chooseTimes();
    await publishSample(
      stand.bus,
      stand.agentId,
      buildSampleMessage({ sampledAt: at, containers: buildContainers(KEPT) }),
    );
    await untilAllAreAnswered();
    expect(await countContainers(at)).toBe(KEPT);
    expect(await readRefused()).toBe(0);
  });

  it('gets the largest message that the stream takes', async () => {
    await start();
    const [before, at, after] = chooseTimes();
    const message = buildSampleMessage({ sampledAt: at });
    const strange = 'x'.repeat(METRICS_STREAM.maxMessageBytes - 500 - JSON.stringify(message).length);
    await publishSample(stand.bus, stand.agentId, buildSampleMessage({ sampledAt: before }));
    await publishSample(stand.bus, stand.agentId, { ...message, strange });
    await publishSample(stand.bus, stand.agentId, buildSampleMessage({ sampledAt: after }));
    await untilAllAreAnswered();
    expect(await stand.readTimes()).toEqual([before, at, after]);
  });

  const nest = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`;
  const withText = (sampledAt: number, rest: string): string => `{"sampledAt":${sampledAt},"clockOffsetMs":0,${rest}}`;

  it.each<[string, (at: number) => string]>([
    ['NaN, which JSON does not have', (at) => withText(at, '"host":{"cpuPercent":NaN}')],
    ['half a message', (at) => withText(at, '"host":{"cpuPercent":1').slice(0, -1)],
    ['nothing', () => ''],
    ['null', () => 'null'],
    ['a list', (at) => `[${at}]`],
    ['a zero byte', (at) => withText(at, '"host":\u0000')],
    ['a time with a fraction', (at) => `{"sampledAt":${at}.5,"clockOffsetMs":0,"host":{}}`],
    ['a time beyond all numbers', () => '{"sampledAt":1e999,"clockOffsetMs":0,"host":{}}'],
    ['two hundred thousand levels in the place of the host', (at) => withText(at, `"host":${nest(200_000)}`)],
  ])('refuses %s with its reason, and stores the rest', async (_, build) => {
    await start();
    const [before, at, after] = chooseTimes();
    await publishSample(stand.bus, stand.agentId, buildSampleMessage({ sampledAt: before }));
    await publishSample(stand.bus, stand.agentId, build(at));
    await publishSample(stand.bus, stand.agentId, buildSampleMessage({ sampledAt: after }));
    await untilAllAreAnswered();
    expect(await stand.readTimes()).toEqual([before, after]);
    expect(await readDeadLetters(stand.bus)).toMatchObject([{ subject: subjects.metrics(stand.agentId), sequence: 2 }]);
  });

  it.each<[string, string, object, number]>([
    ['a number beyond all numbers', '"host":{"cpuPercent":1e999,"load1":2}', { cpu_percent: null, load1: 2 }, 1],
    ['negative sizes', '"host":{"memoryUsedBytes":-1,"load1":2}', { memory_used_bytes: null, load1: 2 }, 1],
    ['words for numbers', '"host":{"cpuPercent":"50","load1":2}', { cpu_percent: null, load1: 2 }, 1],
    ['a figure twice', '"host":{"load1":1,"load1":2}', { load1: 2 }, 0],
    ['names of JavaScript', '"host":{"__proto__":{"load1":9},"constructor":1,"load1":2}', { load1: 2 }, 0],
    [
      'unknown fields, and many levels of them',
      `"host":{"load1":2},"strange":{"deep":${'['.repeat(500)}${']'.repeat(500)}}`,
      { load1: 2 },
      0,
    ],
    [
      'containers that are none',
      '"host":{"load1":2},"containers":{"metrics":["cpuPercent"],"rows":[null,7,[],["x"]]}',
      { load1: 2 },
      4,
    ],
  ])('stores what is true of a sample with %s', async (_, rest, stored, refused) => {
    await start();
    const [, at, after] = chooseTimes();
    await publishSample(stand.bus, stand.agentId, withText(at, rest));
    await publishSample(stand.bus, stand.agentId, buildSampleMessage({ sampledAt: after }));
    await untilAllAreAnswered();
    const rows = await queryRows(stand.test.session, 'select * from host_metrics where at = $1', [new Date(at)]);
    expect(rows).toMatchObject([stored]);
    expect(await readRefused()).toBe(refused);
    expect(await stand.readTimes()).toEqual([at, after]);
    expect(await readDeadLetters(stand.bus)).toEqual([]);
  });
});
