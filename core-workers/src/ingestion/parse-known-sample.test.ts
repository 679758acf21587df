import { containerMetricNames, hostMetricNames, parseMetricsMessage, type MetricsMessage } from '@flotilla/contracts';
import { describe, expect, it } from 'vitest';
import { buildContainerId, buildSampleMessage } from '../testing/build-sample-message.ts';
import { parseKnownSample } from './parse-known-sample.ts';
import { RowHeads, RowHeadsCache } from './row-heads.ts';

const NONE = new RowHeads([]);
const fullHost = Object.fromEntries(hostMetricNames.map((name, index) => [name, index / 100]));
const fullRow = (number: number, name = `web-${number}`) =>
  [buildContainerId(number), name, ...containerMetricNames.map((_, index) => index / 100)] as const;
type Rows = NonNullable<MetricsMessage['containers']>['rows'];
const containers = (...rows: Rows) => ({ metrics: containerMetricNames, rows });

/** What the reader that every message may go through makes of it. */
function readSlowly(body: string) {
  const parsed = parseMetricsMessage(JSON.parse(body));
  return parsed.ok ? { sample: parsed.sample, refused: parsed.refused } : null;
}

function readQuickly(body: string, heads = NONE) {
  const known = parseKnownSample(Buffer.from(body), heads);
  return known === null ? null : { sample: known.sample, refused: known.refused };
}

describe('parseKnownSample', () => {
  it.each<[string, MetricsMessage]>([
    ['an ordinary message', buildSampleMessage()],
    ['every figure', buildSampleMessage({ host: fullHost, containers: containers(fullRow(1), fullRow(2)) })],
    [
      'unknown figures',
      buildSampleMessage({
        host: { ...fullHost, load1: null },
        containers: containers([buildContainerId(1), 'a', null, 2]),
      }),
    ],
    [
      'figures in another order',
      buildSampleMessage({ host: Object.fromEntries(Object.entries(fullHost).toReversed()) }),
    ],
    [
      'figures of another version',
      buildSampleMessage({
        host: { invented: 5, cpuPercent: 1 },
        containers: { metrics: ['invented', 'pids', 'pids'], rows: [[buildContainerId(1), 'a', 1, 2, 3]] },
      }),
    ],
    [
      'more values than names',
      buildSampleMessage({ containers: { metrics: ['pids'], rows: [[buildContainerId(1), 'a', 1, 2, 3]] } }),
    ],
    ['no figures, no containers', buildSampleMessage({ host: {}, containers: containers(), series: [] })],
    ['a clock that nobody has compared', buildSampleMessage({ clockOffsetMs: null })],
    [
      'series, some of which cannot be true',
      buildSampleMessage({
        series: [
          [null, 'host.core.0.cpuPercent', 1],
          [null, '', 1],
          [buildContainerId(1), 'q{a="b"}', -3],
        ],
      }),
    ],
  ])('reads %s as the other reader does', (_, message) => {
    const body = JSON.stringify(message);
    expect(readQuickly(body)).not.toBeNull();
    expect(readQuickly(body)).toEqual(readSlowly(body));
    const parts = JSON.parse(body) as Record<string, unknown>;
    for (const part of ['host', 'containers', 'series']) {
      const without = JSON.stringify({ ...parts, [part]: undefined });
      expect(readQuickly(without)).toEqual(readSlowly(without));
    }
  });

  it.each<[string, string]>([
    ['nothing', ''],
    ['no JSON', '{"sampledAt":17'],
    ['whitespace', JSON.stringify(buildSampleMessage(), null, 1)],
    ['another order', JSON.stringify({ clockOffsetMs: 0, sampledAt: Date.now() })],
    ['a time in seconds', JSON.stringify(buildSampleMessage({ sampledAt: 1_767_225_600 }))],
    ['a figure that cannot be true', JSON.stringify(buildSampleMessage({ host: { cpuPercent: 101 } }))],
    [
      'a negative figure',
      JSON.stringify(buildSampleMessage({ containers: containers([buildContainerId(1), 'a', -1]) })),
    ],
    ['an id that is none', JSON.stringify(buildSampleMessage({ containers: containers(['../../etc', 'a']) }))],
    ['a name in Polish', JSON.stringify(buildSampleMessage({ containers: containers([buildContainerId(1), 'żółw']) }))],
    ['a container twice', JSON.stringify(buildSampleMessage({ containers: containers(fullRow(1), fullRow(1)) }))],
    ['an unknown field', JSON.stringify({ ...buildSampleMessage(), more: 1 })],
    ['a second message behind it', JSON.stringify(buildSampleMessage()).repeat(2)],
    ['series that are no list', JSON.stringify({ ...buildSampleMessage(), series: 5 })],
    ['a figure in words', JSON.stringify({ ...buildSampleMessage(), host: { cpuPercent: '5' } })],
  ])('leaves %s to the other reader', (_, body) => {
    expect(readQuickly(body)).toBeNull();
  });

  it('never gives anything else than the other reader, whatever is changed in a message', () => {
    const body = Buffer.from(JSON.stringify(buildSampleMessage({ containers: containers(fullRow(1), fullRow(2)) })));
    const heads = parseKnownSample(body, NONE)?.heads ?? NONE;
    const alphabet = '0123456789.-eE",[]{}:nul \\ \n\u0001\u00e9a';
    let readable = 0;
    for (let attempt = 0; attempt < 20_000; attempt += 1) {
      const at = Math.floor(Math.random() * body.length);
      const changed = Buffer.from(body);
      changed.write(alphabet[Math.floor(Math.random() * alphabet.length)] ?? '', at, 'latin1');
      for (const known of [NONE, heads]) {
        const quick = parseKnownSample(changed, known);
        if (quick === null) continue;
        readable += 1;
        expect({ sample: quick.sample, refused: quick.refused }).toEqual(readSlowly(changed.toString('latin1')));
      }
    }
    expect(readable).toBeGreaterThan(1000);
  });

  it('reads rows that begin as the last time, and those that do not, alike', () => {
    const read = (heads: RowHeads, ...rows: Rows) => {
      const body = JSON.stringify(buildSampleMessage({ containers: containers(...rows) }));
      const known = parseKnownSample(Buffer.from(body), heads);
      expect(known?.sample).toEqual(readSlowly(body)?.sample);
      return known?.heads ?? NONE;
    };
    const heads = read(NONE, fullRow(1), fullRow(2));
    expect(read(heads, fullRow(1), fullRow(2))).toBe(heads);
    for (const rows of [[fullRow(1)], [fullRow(1), fullRow(2), fullRow(3)], [fullRow(2), fullRow(1)], []]) {
      expect(read(heads, ...rows)).not.toBe(heads);
    }
    expect(read(heads, fullRow(1), fullRow(2, 'renamed')).names).toEqual(['web-1', 'renamed']);
  });
});

describe('RowHeadsCache', () => {
  const heads = (count: number) =>
    new RowHeads(
      Array.from({ length: count }, (_, index) => ({ id: String(index), name: '', text: Buffer.from('x') })),
    );

  it('forgets the agents that changed longest ago once there are too many rows', () => {
    const cache = new RowHeadsCache(10);
    for (const agent of ['a', 'b', 'c']) cache.set(agent, heads(3));
    cache.set('a', heads(4));
    expect(cache.rows).toBe(10);
    cache.set('d', heads(2));
    expect([cache.rows, ...['a', 'b', 'c', 'd'].map((agent) => cache.get(agent).ids.length)]).toEqual([9, 4, 0, 3, 2]);
  });

  it('remembers nothing of an agent with more than fit', () => {
    const cache = new RowHeadsCache(10);
    cache.set('a', heads(11));
    expect([cache.rows, cache.get('a').ids.length]).toEqual([0, 0]);
  });
});
