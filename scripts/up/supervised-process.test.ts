import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SupervisedProcess } from './supervised-process.mjs';

let dir: string;
let child: SupervisedProcess | null = null;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'flotilla-process-'));
  vi.spyOn(console, 'log').mockImplementation(() => undefined);
});
afterEach(async () => {
  await child?.stop();
  rmSync(dir, { recursive: true });
  vi.restoreAllMocks();
});

function build(source: string, { stopTimeoutMs = 1000, isHealthy = () => Promise.resolve(true) } = {}) {
  child = new SupervisedProcess(
    {
      name: 'sample',
      command: [process.execPath, '--eval', source],
      env: process.env,
      address: 'nowhere',
      isHealthy,
      startTimeoutMs: 5000,
      stopTimeoutMs,
    },
    { logFile: join(dir, 'sample.log'), onChange: () => undefined },
  );
  child.start();
  return child;
}

const idle = 'setInterval(() => {}, 1000)';

describe('SupervisedProcess', () => {
  it('starts again what was killed, and says so', async () => {
    const sample = build(idle);
    const first = sample.pid ?? 0;
    process.kill(first, 'SIGKILL');
    await vi.waitFor(
      async () => expect(await sample.describe()).toMatchObject({ state: 'healthy', restarts: 1 }),
      5000,
    );
    expect(sample.pid).not.toBe(first);
    expect(console.log).toHaveBeenCalledWith(expect.stringContaining('sample was ended by SIGKILL'));
  });

  it('ends the children of what was killed, which would hold its port', async () => {
    const worker = `require('node:child_process').spawn(process.execPath, ['--eval', ${JSON.stringify(idle)}]).pid`;
    const sample = build(`console.log('worker', ${worker}); ${idle}`);
    const readWorkers = () => [...readFileSync(join(dir, 'sample.log'), 'utf8').matchAll(/worker (\d+)/g)];
    await vi.waitFor(() => expect(readWorkers()).toHaveLength(1), 5000);
    const pid = Number(readWorkers()[0]?.[1]);
    expect(() => process.kill(pid, 0), 'the control: it runs').not.toThrow();
    process.kill(sample.pid ?? 0, 'SIGKILL');
    await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow('ESRCH'), 5000);
  });

  it('shows the last lines of what does not come up', async () => {
    const sample = build("console.error('no such database'); process.exit(3)", {
      isHealthy: () => Promise.resolve(false),
    });
    await expect(sample.waitUntilHealthy()).rejects.toThrow(/did not become healthy[\s\S]*no such database/);
  });

  it('leaves what it stops stopped', async () => {
    const sample = build(idle);
    await sample.stop();
    expect(await sample.describe()).toMatchObject({ state: 'down', pid: null, restarts: 0 });
  });

  it('kills what does not listen', async () => {
    const sample = build(`process.on('SIGTERM', () => {}); console.log('deaf'); ${idle}`, { stopTimeoutMs: 100 });
    await vi.waitFor(() => expect(readFileSync(join(dir, 'sample.log'), 'utf8')).toContain('deaf'), 5000);
    await sample.stop();
    expect(sample.pid).toBeNull();
    expect(console.log).toHaveBeenCalledWith(expect.stringContaining('was killed'));
  });

  it('reports a program that does not exist', async () => {
    child = new SupervisedProcess(
      {
        name: 'nothing',
        command: [join(dir, 'nothing')],
        env: {},
        address: '',
        isHealthy: () => Promise.resolve(true),
        startTimeoutMs: 1000,
        stopTimeoutMs: 100,
      },
      { logFile: join(dir, 'nothing.log'), onChange: () => undefined },
    );
    child.start();
    await vi.waitFor(() => expect(console.log).toHaveBeenCalledWith(expect.stringContaining('ENOENT')), 2000);
  });
});
