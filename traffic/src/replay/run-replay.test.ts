import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { SuspicionClass } from '@flotilla/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AccessRecord } from '../access-record.ts';
import { shippedRules } from '../rules/shipped-rules.ts';
import type { ReplayedBan } from './format-ban.ts';
import type { LineReader, LoggedRequest } from './logged-request.ts';
import { mergeLogs } from './merge-logs.ts';
import { parseRules } from './parse-rules.ts';
import { readOptions, UsageError, type ReplayOptions } from './read-options.ts';
import { runReplay } from './run-replay.ts';

const BEGIN_S = 1_780_000_000;
let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'replay-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Lines of this test: seconds, address, method, path, status, classes with commas between. */
const reader: LineReader = {
  parse: (bytes, start, end): AccessRecord => {
    const [time = '', address = '', method = '', uri = '', status = '', classes = ''] = Buffer.from(bytes)
      .toString('utf8', start, end)
      .split(' ');
    return {
      timeMs: /^\d+(\.\d+)?$/.test(time) ? Number(time) * 1000 : null,
      remoteAddress: address,
      remoteUser: null,
      serviceId: null,
      method,
      uri,
      protocol: null,
      status: Number(status),
      bytes: null,
      requestMs: null,
      upstreamMs: null,
      upstream: null,
      referrer: classes,
      userAgent: null,
      requestId: null,
      isWellFormed: true,
    };
  },
  classify: ({ referrer }) => (referrer ?? '').split(',').filter((name) => name !== '') as SuspicionClass[],
};

function writeLog(name: string, lines: readonly string[]): string {
  const file = join(folder, name);
  const text = lines.map((line) => `${line}\n`).join('');
  writeFileSync(file, name.endsWith('.gz') ? gzipSync(text) : text);
  return file;
}

function line(atS: number, address: string, path: string, status = 200, classes = '', method = 'GET'): string {
  return `${BEGIN_S + atS} ${address} ${method} ${path} ${status} ${classes}`;
}

async function run(args: readonly string[]): Promise<{ bans: ReplayedBan[]; printed: string[]; told: string[] }> {
  const printed: string[] = [];
  const told: string[] = [];
  const options = readOptions(['--format', 'test', ...args], ['test']);
  await runReplay(options, reader, { print: (text) => printed.push(text), tell: (text) => told.push(text) });
  const bans = options.isJson ? printed.map((text) => JSON.parse(text) as ReplayedBan) : [];
  return { bans, printed, told };
}

describe('logs of several nodes', () => {
  const login = (atS: number) => line(atS, '203.0.113.7', '/wp-login.php', 200, 'login_attempt', 'POST');

  it('show together what none of them shows alone', async () => {
    const [a, b] = [0, 1].map((node) =>
      Array.from({ length: 5 }, (_, index) => writeLog(`${node}-${index}.log`, [login(index * 20 + node * 10)])),
    );
    const args = [
      ...(a ?? []).flatMap((file, index) => ['--node', `a=${file}:site-${index}`]),
      ...(b ?? []).flatMap((file, index) => ['--node', `b=${file}:site-${index + 5}`]),
    ];
    const { bans, told } = await run([...args, '--json']);
    expect(bans).toMatchObject([
      {
        time: '2026-05-28T20:28:10.000Z',
        client: '203.0.113.7',
        rule: 'wordpress-login',
        scope: 'fleet',
        node: null,
        service: null,
        until: '2026-05-29T00:28:10.000Z',
        offence: 1,
      },
    ]);
    expect(bans[0]?.evidence.at(-1)).toContain('/wp-login.php');
    expect(told[0]).toBe('10 lines of 10 logs, 0 without time or address; 1 bans; 0 requests would have been refused.');
    // The control: either node alone.
    expect((await run([...args.slice(0, 10), '--json'])).bans).toEqual([]);
  });

  it('are merged by time, also one that is packed', async () => {
    const probes = (from: number) =>
      [0, 1].map((index) =>
        line(from + index * 10, '203.0.113.9', `/.x${from}${index}`, 404, 'sensitive_path,not_found'),
      );
    const [a, b] = [writeLog('a.log.gz', probes(0)), writeLog('b.log', probes(5))];
    const { bans } = await run(['--node', `a=${a}:shop`, '--node', `b=${b}:shop`, '--json']);
    expect(bans).toMatchObject([{ rule: 'sensitive-paths', scope: 'fleet', time: '2026-05-28T20:26:55.000Z' }]);
  });

  it('have a limiter on each node', async () => {
    const flood = writeLog(
      'flood.log',
      Array.from({ length: 300 }, (_, index) => line(index / 300, '2001:db8::5', '/')),
    );
    const { bans, told } = await run(['--node', `a=${flood}:shop`, '--json', '--limiter', '50:100']);
    expect(bans).toMatchObject([
      { client: '2001:db8::/64', rule: 'limiter', scope: 'service', node: 'a', service: 'shop', offence: 1 },
    ]);
    expect(bans[0]?.evidence[0]).toMatch(/^\d+(\.\d)? requests a second$/);
    expect(told[0]).toMatch(/; 1 bans; 1\d\d requests would have been refused\.$/);
    expect((await run(['--node', `a=${flood}`, '--json', '--limiter', '500:1000'])).bans).toEqual([]);
  });

  it('never ban who is never banned', async () => {
    const flood = writeLog(
      'private.log',
      Array.from({ length: 900 }, (_, index) => line(index / 300, '192.168.1.5', '/', 404, 'sensitive_path')),
    );
    expect((await run(['--node', `a=${flood}:shop`, '--json'])).bans).toEqual([]);
  });

  it('may have lines that say nothing, and a last one without an end', async () => {
    const file = writeLog('odd.log', ['', 'nonsense', line(1, 'localhost', '/')]);
    writeFileSync(file, line(2, '203.0.113.7', '/'), { flag: 'a' });
    expect((await run(['--node', `a=${file}:shop`])).told[0]).toMatch(/^4 lines of 1 logs, 3 without/);
  });

  it('are shown as a table without escape sequences', async () => {
    const attack = [0, 1].map((atS) => line(atS, '203.0.113.7', '/\u001b[31m<b>', 200, 'xss'));
    const { printed } = await run(['--node', `a\u001b[1m=${writeLog('escapes.log', attack)}:shop`]);
    expect(printed[0]).toMatch(/^TIME +CLIENT +RULE +WHERE +UNTIL$/);
    expect(printed[1]).toMatch(/^2026-05-28T20:26:41.000Z +203.0.113.7 +injection +node a\\x1B\[1m /);
    expect(printed[1]).toContain(String.raw`/\x1B[31m<b>`);
    expect(printed.join('')).not.toContain('\u001b');
    const asJson = await run(['--node', `a=${join(folder, 'escapes.log')}:shop`, '--json']);
    expect(asJson.printed.join('')).not.toContain('\u001b');
  });

  it('run the rules of a file', async () => {
    const rules = join(folder, 'rules.json');
    const threshold = { bucket: { capacity: 2, leakPerSecond: 1 } };
    const action = { kind: 'ban', durationMs: 60_000, reach: 'service' };
    const match = { of: 'suspicious', classes: ['not_found'] };
    writeFileSync(
      rules,
      JSON.stringify([
        { name: 'Mine', match, threshold, action },
        { name: 'Record', match, threshold, action: { kind: 'record' } },
      ]),
    );
    const file = writeLog(
      'mine.log',
      [0, 0].map((atS) => line(atS, '203.0.113.7', '/x', 404, 'not_found')),
    );
    const { bans, told } = await run(['--node', `a=${file}:shop`, '--json', '--rules', rules]);
    expect(bans).toMatchObject([{ rule: 'rule-1', scope: 'service', service: 'shop', node: 'a' }]);
    expect(told).toHaveLength(1);
    const [mine] = JSON.parse(JSON.stringify([{ ...shippedRules[0], id: 'x' }])) as object[];
    expect(parseRules(JSON.stringify([mine]))).toMatchObject({ ok: true, rules: [{ id: 'x' }] });
  });
});

describe('a file of rules', () => {
  const good = { name: 'Mine', match: { of: 'volume' }, threshold: { distinctNodes: 2 }, action: { kind: 'record' } };
  it.each<[string, unknown, string]>([
    [
      'a threshold of 0',
      [good, { ...good, threshold: { distinctNodes: 0 } }],
      'rule 2 (Mine), field threshold.distinctNodes: must be at least 1',
    ],
    ['a typo', [{ ...good, nmae: 1 }], 'rule 1 (Mine), field itself: Unrecognized key: "nmae"'],
    ['no object', [7], 'rule 1, field itself: '],
    [
      'two with one id',
      [
        { ...good, id: 'x' },
        { ...good, id: 'x' },
      ],
      'has two rules with the id x',
    ],
    [
      'a pattern that does not compile',
      [{ ...good, match: { of: 'suspicious', userAgentPattern: '(' } }],
      'rule 1 (Mine), field match.userAgentPattern: is not a pattern of RE2: ',
    ],
    ['no list', { rules: [] }, 'is not a list of rules: begin it with ['],
  ])('with %s is refused, and says where', (_, rules, problem) => {
    const reading = parseRules(JSON.stringify(rules));
    expect(reading.ok ? [] : reading.problems).toEqual([expect.stringContaining(problem) as string]);
  });

  it('that is no JSON is refused', () => {
    expect(parseRules('[')).toMatchObject({ ok: false, problems: [expect.stringMatching(/^is not JSON: /)] });
  });
});

describe('the command line', () => {
  const read = (args: readonly string[]): ReplayOptions => readOptions(args, ['combined', 'json']);

  it('names nodes, files and services', () => {
    const [plain, colon] = [writeLog('plain.log', []), writeLog('with:colon.log', [])];
    const nodes = [`a=${plain}:shop`, `b=${plain}`, `c=${colon}`, `d=${colon}:shop`, `e=${plain}:`];
    const options = read(['--format', 'combined', ...nodes.flatMap((node) => ['--node', node])]);
    expect(options.logs).toEqual([
      { nodeId: 'a', file: plain, serviceId: 'shop' },
      { nodeId: 'b', file: plain, serviceId: null },
      { nodeId: 'c', file: colon, serviceId: null },
      { nodeId: 'd', file: colon, serviceId: 'shop' },
      { nodeId: 'e', file: plain, serviceId: null },
    ]);
    expect(options).toMatchObject({ rulesFile: null, isJson: false, limit: { requestsPerSecond: 100, burst: 200 } });
  });

  it.each<[string, string[], RegExp]>([
    ['an unknown option', ['--formt', 'x'], /^Unknown option '--formt'. Use npm run waf:replay /],
    ['no format', ['--node', 'a=x'], /^--format is missing: use one of combined, json\.$/],
    ['an unknown format', ['--format', 'xml'], /^--format xml is not known: use one of combined, json\.$/],
    ['no log', ['--format', 'json'], /^There is no log to read: name at least one with --node NAME=FILE:SERVICE/],
    [
      'a missing file',
      ['--format', 'json', '--node', 'a=/none.log:shop'],
      /^--node a names \/none.log, which is not there: check the path\.$/,
    ],
    [
      'a directory',
      ['--format', 'json', '--node', 'a=/:shop'],
      /^--node a names \/, which is a directory: name a file in it\.$/,
    ],
    [
      'a node without a file',
      ['--format', 'json', '--node', 'x.log'],
      /^--node x.log is not a node’s log: use NAME=FILE:SERVICE/,
    ],
    [
      'missing rules',
      ['--format', 'json', '--node', 'a=/dev/null', '--rules', '/none'],
      /^--rules names \/none, which is not there/,
    ],
    [
      'a limit that is none',
      ['--format', 'json', '--node', 'a=/dev/null', '--limiter', '100'],
      /^--limiter 100 is not a limit: use /,
    ],
    [
      'a limit of 0',
      ['--format', 'json', '--node', 'a=/dev/null', '--limiter', '0:5'],
      /^--limiter 0:5 is not a limit: use /,
    ],
    ['a stray word', ['--format', 'json', 'access.log'], /^Unexpected argument 'access.log'/],
  ])('with %s says what to do', (_, args, message) => {
    expect(() => read(args)).toThrow(message);
    expect(() => read(args)).toThrow(UsageError);
  });
});

it('merges a log that stands still with one that goes on', async () => {
  const request = (timeMs: number) => ({ timeMs }) as LoggedRequest;
  async function* batches(...times: number[][]) {
    for (const each of times) yield await Promise.resolve(each.map((timeMs) => request(timeMs)));
  }
  const taken: number[] = [];
  await mergeLogs([batches([1, 4], [], [9]), batches([]), batches([2, 3, 3.5], [5, 4.5, 10])], ({ timeMs }) =>
    taken.push(timeMs),
  );
  expect(taken).toEqual([1, 2, 3, 3.5, 4, 5, 4.5, 9, 10]);
});
