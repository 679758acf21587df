import { describe, expect, it } from 'vitest';
import { containerMetricNames } from '../metrics/container-metrics.ts';
import { hostMetricNames } from '../metrics/host-metrics.ts';
import {
  MAX_CONTAINERS_PER_SAMPLE,
  MAX_SERIES_PER_SAMPLE,
  parseMetricsMessage,
  type MetricsSample,
} from './metrics-message.ts';

const sampledAt = Date.parse('2026-01-01T00:00:00Z');
const ID = 'a'.repeat(64);

function parse(change: object): { sample: MetricsSample; refused: number } {
  const parsed = parseMetricsMessage({ sampledAt, ...change });
  if (!parsed.ok) throw new Error(parsed.reason);
  return { sample: parsed.sample, refused: parsed.refused };
}

const host = ({ sample }: { sample: MetricsSample }, name: (typeof hostMetricNames)[number]) =>
  sample.host?.[hostMetricNames.indexOf(name)];

describe('parseMetricsMessage', () => {
  it('takes a message that holds nothing but a time', () => {
    expect(parse({})).toEqual({
      sample: {
        sampledAt,
        clockOffsetMs: null,
        host: null,
        containers: { ids: [], names: [], values: [] },
        series: [],
      },
      refused: 0,
    });
  });

  it.each([
    ['nothing', undefined, /^the whole /],
    ['a list', [], /^the whole /],
    ['no time', {}, /^sampledAt /],
    ['a time in seconds', { sampledAt: 1_767_225_600 }, /^sampledAt is before 2020$/],
    ['a time in microseconds', { sampledAt: sampledAt * 1000 }, /^sampledAt is after 2100$/],
    ['half a millisecond', { sampledAt: sampledAt + 0.5 }, /^sampledAt /],
    ['an offset in words', { sampledAt, clockOffsetMs: 'none' }, /^clockOffsetMs /],
    ['containers without names', { sampledAt, containers: { rows: [] } }, /^containers.metrics /],
    ['series that are no list', { sampledAt, series: {} }, /^series /],
  ])('refuses %s', (_, body, reason) => {
    expect(parseMetricsMessage(body)).toEqual({ ok: false, reason: expect.stringMatching(reason) as string });
  });

  it.each<[unknown, number, number]>([
    [0, 0, 0],
    [100, 100, 0],
    [null, Number.NaN, 0],
    [undefined, Number.NaN, 0],
    [100.1, Number.NaN, 1],
    [-1, Number.NaN, 1],
    [Number.NaN, Number.NaN, 1],
    [Number.POSITIVE_INFINITY, Number.NaN, 1],
    ['5', Number.NaN, 1],
    [[5], Number.NaN, 1],
  ])('reads a percentage of %j as %j', (value, read, refused) => {
    const parsed = parse({ host: { cpuPercent: value } });
    expect([host(parsed, 'cpuPercent'), parsed.refused]).toEqual([read, refused]);
  });

  it('finds figures by their names, whatever the order, and leaves out what it does not know', () => {
    const { sample, refused } = parse({
      containers: { metrics: ['memoryBytes', 'inventedFigure', 'cpuPercent'], rows: [[ID, 'web', 7, 1, 250]] },
    });
    const values = Object.fromEntries(
      containerMetricNames.map((name, index) => [name, sample.containers.values[index]]),
    );
    expect(values).toMatchObject({ cpuPercent: 250, memoryBytes: 7, pids: Number.NaN });
    expect(refused).toBe(0);
  });

  it.each([
    ['a row that is no list', 'x'],
    ['an id that is none', ['../../etc', 'web']],
    ['an id with capitals', ['A'.repeat(64), 'web']],
    ['no name', [ID, null]],
    ['an empty row', []],
  ])('leaves out %s, counts it, and keeps the rest', (_, row) => {
    const { sample, refused } = parse({ containers: { metrics: [], rows: [row, [ID, 'web']] } });
    expect([sample.containers.names, refused]).toEqual([['web'], 1]);
  });

  it('keeps one row of a container that comes twice', () => {
    const { sample, refused } = parse({
      containers: {
        metrics: [],
        rows: [
          [ID, 'a'],
          [ID, 'b'],
        ],
      },
    });
    expect([sample.containers.names, refused]).toEqual([['a'], 1]);
  });

  it('cuts names and bounds the rows', () => {
    const rows = Array.from({ length: MAX_CONTAINERS_PER_SAMPLE + 5 }, (_, index) => [
      index.toString(16).padStart(64, '0'),
      'x'.repeat(300),
    ]);
    const { sample, refused } = parse({ containers: { metrics: [], rows } });
    expect([sample.containers.ids.length, sample.containers.names[0]?.length, refused]).toEqual([
      MAX_CONTAINERS_PER_SAMPLE,
      255,
      5,
    ]);
  });

  it.each<[string, unknown, number]>([
    ['a series of a container', [ID, 'queue.length', -3.5], 0],
    ['a series of the host', [null, 'host.core.0.cpuPercent', 1], 0],
    ['labels', [ID, 'http_requests_total{code="200"}', 1], 0],
    ['an empty name', [ID, '', 1], 1],
    ['a name with a line break', [ID, 'a\nb', 1], 1],
    ['a name that is too long', [ID, 'a'.repeat(201), 1], 1],
    ['a value that is none', [ID, 'a', null], 1],
    ['a container that is none', ['web', 'a', 1], 1],
    ['no container and no null', [undefined, 'a', 1], 1],
  ])('reads %s', (_, row, refused) => {
    const parsed = parse({ series: [row] });
    expect([parsed.sample.series.length, parsed.refused]).toEqual([1 - refused, refused]);
  });

  it('bounds the series, and keeps one of those with the same name', () => {
    const series = Array.from({ length: MAX_SERIES_PER_SAMPLE + 1 }, (_, index) => [null, `s${index}`, 1]);
    expect(parse({ series }).refused).toBe(1);
    expect(
      parse({
        series: [
          [null, 'a', 1],
          [ID, 'a', 1],
          [null, 'a', 2],
        ],
      }),
    ).toMatchObject({
      sample: { series: [{ containerId: null, value: 1 }, { containerId: ID }] },
      refused: 1,
    });
  });
});
