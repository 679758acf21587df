import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ReplayedBan } from './format-ban.ts';

const program = fileURLToPath(new URL('main.ts', import.meta.url));
let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'waf-replay-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Result {
  readonly code: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

function run(...args: string[]): Promise<Result> {
  return new Promise((resolve) => {
    const env = { PATH: process.env['PATH'], INIT_CWD: folder };
    execFile(process.execPath, [program, ...args], { env }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : error.code, stdout, stderr }),
    );
  });
}

/** A line of `combined`, one second after the other. */
function line(second: number, address: string, request: string, status = 200, agent = 'Mozilla/5.0'): string {
  const time = `10/Oct/2026:13:55:${String(second).padStart(2, '0')} +0200`;
  return `${address} - - [${time}] "${request} HTTP/1.1" ${status} 12 "-" "${agent}"\n`;
}

describe('the command', () => {
  it('finds an attack on three nodes in their logs, and prints a ban a line', async () => {
    const attack = (from: number) =>
      Array.from({ length: 4 }, (_, index) => line(from + index * 3, '203.0.113.7', `GET /x${from}-${index}.php`, 404));
    const browsing = Array.from({ length: 30 }, (_, index) => line(index, '198.51.100.7', `GET /page-${index}`));
    for (const [index, name] of ['a', 'b', 'c'].entries()) {
      writeFileSync(join(folder, `${name}.log`), [...attack(index), ...browsing].join(''));
    }
    const logs = ['a', 'b', 'c'].flatMap((name) => ['--node', `${name}=${name}.log:shop`]);
    const { code, stdout, stderr } = await run('--format', 'combined', ...logs, '--json');
    expect(stderr).toBe(
      '102 lines of 3 logs, 0 without time or address; 1 bans; 2 requests would have been refused.\n',
    );
    const bans = stdout
      .trimEnd()
      .split('\n')
      .map((text) => JSON.parse(text) as ReplayedBan);
    expect(bans).toMatchObject([
      { time: '2026-10-10T11:55:09.000Z', client: '203.0.113.7', rule: 'probing', scope: 'fleet' },
    ]);
    expect(bans[0]?.evidence.at(-1)).toBe(line(9, '203.0.113.7', 'GET /x0-3.php', 404).trimEnd());
    expect(code).toBe(0);
    // The control: one node alone has too little.
    expect((await run('--format', 'combined', '--node', 'a=a.log:shop', '--json')).stdout).toBe('');
  }, 30_000);

  it('lets no escape sequence of a log reach the terminal', async () => {
    const lines = [1, 2, 3].map((second) =>
      line(second, '203.0.113.9', 'GET /\u001b[2J\u009b31m', 200, 'sqlmap \u001b]0;x\u0007'),
    );
    writeFileSync(join(folder, 'escapes.log'), lines.join(''));
    const args = ['--format', 'combined', '--node', 'a=escapes.log'];
    for (const result of [await run(...args), await run(...args, '--json')]) {
      expect(result.stdout).toContain('bad-user-agents');
      expect(result.stdout).toContain('x1B[2J');
      // eslint-disable-next-line no-control-regex -- they are what must not be there
      expect(result.stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
    }
  }, 30_000);

  it.each<[string, string[], RegExp]>([
    ['an unknown option', ['--colour'], /^Unknown option '--colour'\. Use npm run waf:replay /],
    [
      'a missing file',
      ['--format', 'combined', '--node', 'a=none.log'],
      /^--node a names none\.log, which is not there: check/,
    ],
    [
      'rules that are none',
      ['--format', 'combined', '--node', 'a=a.log', '--rules', 'rules.json'],
      /^rules\.json: rule 1 \(x\), field match: /,
    ],
    [
      'a file that is not packed',
      ['--format', 'combined', '--node', 'a=plain.gz'],
      /^plain\.gz cannot be read \(.*\): what ends in \.gz must be/,
    ],
  ])(
    'ends with 2 for %s, and says what to do',
    async (_, args, message) => {
      writeFileSync(join(folder, 'a.log'), '');
      writeFileSync(join(folder, 'plain.gz'), 'hello');
      writeFileSync(join(folder, 'rules.json'), '[{"name":"x"}]');
      const { code, stderr } = await run(...args);
      expect(stderr).toMatch(message);
      expect(stderr.trimEnd().split('\n')).toHaveLength(1);
      expect(code).toBe(2);
    },
    30_000,
  );
});
