import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';

const entry = new URL('run-main.ts', import.meta.url).href;
const settings = new URL('../settings/load-settings.ts', import.meta.url).href;

/** Runs `body` as the main of a process of its own; sends `signals` one after the other once it has said "ready". */
async function run(body: string, signals: readonly NodeJS.Signals[] = []) {
  const source = `import { z } from 'zod'; import { runMain } from '${entry}'; import { loadSettings } from '${settings}';
    await runMain('test', async ({ logger, shutdown, fail }) => { ${body} });`;
  const child = spawn(process.execPath, ['--input-type=module-typescript', '--eval', source], {
    cwd: import.meta.dirname,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const remaining = [...signals];
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
    // Each "ready" and "stopping" line asks for the next signal.
    const asked = chunk.toString().match(/"msg":"(ready|stopping)"/g)?.length ?? 0;
    for (const signal of remaining.splice(0, asked)) child.kill(signal);
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  return { code, output };
}

describe('runMain', () => {
  const serve = `const timer = setInterval(() => {}, 1000); shutdown.add('timer', () => clearInterval(timer)); logger.info('ready');`;

  it.each(['SIGTERM', 'SIGINT'] as const)('stops in order on %s with code 0', async (signal) => {
    const { code, output } = await run(serve, [signal]);
    expect(code).toBe(0);
    expect(output).toContain('"msg":"stopped"');
  });

  it('exits at once on a second signal', async () => {
    const hang = `shutdown.add('hangs', () => new Promise(() => {}), 8000); ${serve}`;
    expect((await run(hang, ['SIGTERM', 'SIGTERM'])).code).toBe(143);
  });

  it.each([
    ['a failed start', `throw new Error('no database');`, 'no database'],
    ['an unhandled rejection', `${serve} Promise.reject(new Error('nobody listens'));`, 'nobody listens'],
    ['an uncaught exception', `${serve} setTimeout(() => { throw new Error('in a timer'); });`, 'in a timer'],
    ['fail()', `${serve} fail(new Error('revoked'), 'lost the bus');`, 'revoked'],
  ])('exits with 1 after %s and logs it', async (_, body, text) => {
    const { code, output } = await run(body);
    expect(code).toBe(1);
    expect(output).toContain(text);
    expect(output).toContain('"level":"fatal"');
  });

  it('names every wrong setting, one a line, and exits with 1', async () => {
    const { code, output } = await run(
      `loadSettings(z.object({ one: z.string(), two: z.string() }), {}, { logger }); ${serve}`,
    );
    expect(code).toBe(1);
    expect(output).toContain('FLOTILLA_ONE is missing');
    expect(output).toContain('FLOTILLA_TWO is missing');
  });
});
