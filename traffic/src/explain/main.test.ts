import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { buildLine } from '../testing/build-line.ts';

const program = fileURLToPath(new URL('main.ts', import.meta.url));
const LINE =
  '203.0.113.7 - frank [10/Oct/2000:13:55:36 -0700] "GET /a?b=c HTTP/1.1" 404 153 "https://x.example/" "curl/8"';
const TOLD = {
  remoteAddr: '203.0.113.7',
  remoteUser: 'frank',
  time: '2000-10-10T20:55:36.000Z',
  method: 'GET',
  uri: '/a?b=c',
  protocol: 'HTTP/1.1',
  status: 404,
  bytes: 153,
  referrer: 'https://x.example/',
  userAgent: 'curl/8',
  wellFormed: true,
  classes: ['not_found'],
};
const NOTHING = { ...Object.fromEntries(Object.keys(TOLD).map((key) => [key, null])), wellFormed: false, classes: [] };

function start(...args: string[]) {
  return spawn(process.execPath, [program, ...args], { env: { PATH: process.env['PATH'] } });
}

async function run(args: string[], input: string | Buffer = '') {
  const child = start(...args);
  const [out, err]: [Buffer[], Buffer[]] = [[], []];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
  child.stdin.end(input);
  const [code] = await once(child, 'close');
  return { code: code as unknown, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() };
}

function objectsOf(stdout: string): unknown[] {
  const lines = stdout.split('\n');
  expect(lines.pop()).toBe('');
  return lines.map((line) => JSON.parse(line) as unknown);
}

describe('lines of the standard input', () => {
  it('are told as one object each, in their order, none left out', async () => {
    const input = [LINE, '', 'torn', `x${'y'.repeat(2_000_000)}`, LINE.replace('404', '200'), ' ', `${LINE}\r`, LINE];
    const { code, stdout, stderr } = await run(['--format', 'combined', '--json'], input.join('\n'));
    const [found, ordinary] = [TOLD, { ...TOLD, status: 200, classes: [] }];
    expect(objectsOf(stdout)).toEqual([found, NOTHING, NOTHING, NOTHING, ordinary, NOTHING, found, found]);
    expect(Object.keys(objectsOf(stdout)[0] as object)).toEqual(Object.keys(TOLD));
    expect([code, stderr]).toEqual([0, '']);
  }, 30_000);

  it('may be of several formats, or none', async () => {
    const json = '{"msec":"971211336.000","remote_addr":"203.0.113.7","request":"GET /a HTTP/1.1","status":"200"}';
    const input = [LINE, json, buildLine(), 'hello', ''].join('\n');
    const objects = objectsOf((await run(['--json'], input)).stdout);
    expect(objects).toMatchObject([TOLD, { uri: '/a' }, { uri: '/products/7?ref=a', wellFormed: true }, NOTHING]);
    expect(objects).toHaveLength(4);
    const strict = objectsOf((await run(['--json', '--format', 'json'], input)).stdout);
    expect(strict).toMatchObject([NOTHING, { uri: '/a' }, NOTHING, NOTHING]);
  }, 30_000);

  it(
    'may be none at all',
    async () => expect(await run(['--json'])).toEqual({ code: 0, stdout: '', stderr: '' }),
    30_000,
  );

  it('wait while nobody takes what is printed', async () => {
    const child = start('--format', 'combined', '--json');
    const count = 200_000;
    const block = Buffer.from(`${LINE}\n`.repeat(1000));
    let taken = 0;
    for (let index = 0; index < count / 1000; index += 1) child.stdin.write(block, () => (taken += 1000));
    child.stdin.end();
    let [before, unchanged] = [-1, 0];
    await expect
      .poll(
        () => {
          unchanged = taken > 0 && taken === before ? unchanged + 1 : 0;
          before = taken;
          return unchanged;
        },
        { timeout: 20_000, interval: 100 },
      )
      .toBeGreaterThan(10);
    // What has been taken is in pipes and buffers, far from all of it.
    expect(taken).toBeLessThan(count / 4);
    let lines = 0;
    child.stdout.on('data', (chunk: Buffer) => {
      for (const byte of chunk) if (byte === 0x0a) lines += 1;
    });
    await once(child, 'close');
    expect(lines).toBe(count);
  }, 60_000);

  it('end quietly when the reader has seen enough', async () => {
    const child = start('--json');
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.stdin.on('error', () => child.stdin.destroy());
    child.stdout.once('data', () => child.stdout.destroy());
    child.stdin.write(`${LINE}\n`.repeat(50_000));
    const [code] = await once(child, 'exit');
    expect([code, stderr]).toEqual([0, '']);
  }, 30_000);
});

describe('one line', () => {
  it('is told with its fields, its classes and why, and what the rules make of it', async () => {
    const hostile = LINE.replace('/a?b=c', String.raw`/a?x=1&id=1%27+union+select+2\x1B[2J`).replace(
      'curl/8',
      'sqlmap/1.8',
    );
    const { code, stdout } = await run([hostile]);
    expect(stdout).toContain('Read as combined\n');
    expect(stdout).toMatch(/^ {2}time +2000-10-10T20:55:36\.000Z$/m);
    expect(stdout).toMatch(/^ {2}user +frank$/m);
    expect(stdout).toMatch(/^ {2}scanner_agent +the user agent sqlmap\/1\.8$/m);
    expect(stdout).toMatch(/^ {2}sql_injection +“union select” in the query’s id, which reads “id=1' union select 2/m);
    expect(stdout).toMatch(/^ {2}Unmistakable attack +bans at once$/m);
    expect(code).toBe(0);
  }, 30_000);

  it.each([[], ['--json']])(
    'lets no escape sequence reach the terminal (%s)',
    async (...args) => {
      const controls = LINE.replace('curl/8', String.raw`\x1B]0;x\x07\x7F\xC2\x9B31m\xE2\x80\xAE\x0A`).replace(
        'frank',
        '\u001b[2J',
      );
      const { stdout } = await run([...args, '--', controls]);
      expect(stdout).toContain('[2J');
      // eslint-disable-next-line no-control-regex -- they are what must not be there
      expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
    },
    30_000,
  );

  it('may be read as JSON', async () => {
    expect(objectsOf((await run(['--json', LINE])).stdout)).toEqual([TOLD]);
  }, 30_000);

  it('may be of no format', async () => {
    expect((await run(['hello'])).stdout).toMatch(/^This is none of the known formats: nothing in it is believed/);
    expect((await run(['--format', 'json', LINE])).stdout).toMatch(/^This is no line of the format json:/);
  }, 30_000);
});

describe('the command', () => {
  it.each<[string, string[], RegExp]>([
    ['an unknown option', ['--colour'], /^Unknown option '--colour': use --format FORMAT, --json or --help,/],
    [
      'an unknown format',
      ['--format', 'xml'],
      /^--format xml is not known: use one of combined, json, flotilla, auto\.$/,
    ],
    ['no format', ['--format'], /^Option '--format <value>' argument missing: use /],
    [
      'a line without quotes',
      ['--', '192.0.2.1', '-\u001b[2J'],
      /^There are 2 lines, .*: put one line in single quotes/,
    ],
  ])(
    'ends with 2 for %s, and says what to do',
    async (_, args, message) => {
      const { code, stdout, stderr } = await run(args);
      expect(stderr.trimEnd()).toMatch(message);
      expect(stderr).not.toContain('\u001b');
      expect([code, stdout]).toEqual([2, '']);
    },
    30_000,
  );

  it('tells how it is used', async () => {
    const { code, stdout } = await run(['--help']);
    expect(stdout).toContain('--format FORMAT');
    expect(code).toBe(0);
  }, 30_000);
});
