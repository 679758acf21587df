import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { FlotillaSystem, repositoryRoot } from './harness/system.ts';
import { waitFor } from './harness/wait.ts';

const STOP_LIMIT_MS = 10_000;

/** `npm run up` itself: what it promises to whoever starts and stops it. */
describe('npm run up', () => {
  const systems: FlotillaSystem[] = [];
  const create = async (env: NodeJS.ProcessEnv = {}) => {
    const system = await FlotillaSystem.create(env);
    systems.push(system);
    return system;
  };

  afterAll(async () => {
    await Promise.all(systems.map((system) => system.destroy()));
  });

  it('names every wrong setting at once, starts nothing and exits with 1', async () => {
    const system = await create({
      FLOTILLA_PORT: 'eighty',
      FLOTILLA_ADMIN_PASSWORD: 'short',
      DATABASE_URL: 'mysql://x',
    });
    const { exitCode, output } = await system.run('up');
    expect(exitCode).toBe(1);
    for (const name of ['FLOTILLA_PORT', 'FLOTILLA_ADMIN_PASSWORD', 'DATABASE_URL']) expect(output).toContain(name);
    expect(existsSync(`${system.dataDir}/state.json`)).toBe(false);
    systems.pop();
    await rm(system.dataDir, { recursive: true });
  });

  it('says which port is taken', async () => {
    const system = await create();
    const squatter = createServer().listen(system.port, '0.0.0.0');
    await once(squatter, 'listening');
    const { exitCode, output } = await system.run('up');
    squatter.close();
    expect(exitCode).toBe(1);
    expect(output).toContain(`FLOTILLA_PORT: port ${system.port} cannot be used`);
  });

  it('runs two copies side by side, each with its own data', async () => {
    const [first, second] = [await create(), await create()];
    await first.start();
    await second.start();
    const agents = await Promise.all(
      [first, second].map(async (system) => (await system.waitForLocalAgent(await system.signIn())).id),
    );
    expect(new Set(agents).size).toBe(2);

    const again = await first.run('up', '--detach');
    expect(again.exitCode).toBe(1);
    expect(again.output).toContain('runs already');

    expect((await first.run('down')).exitCode).toBe(0);
    expect((await first.run('status')).exitCode).toBe(1);
    expect((await second.run('status')).exitCode).toBe(0);
  });

  it('prints a one-time password on the first start only, and asks to change it', async () => {
    const system = await create({ FLOTILLA_ADMIN_PASSWORD: '' });
    const readPassword = (output: string) => /Password\s+(\S+)/.exec(output)?.[1];
    const password = readPassword(await system.start()) ?? '';
    expect(password.length).toBeGreaterThanOrEqual(12);
    const api = await system.signIn({ email: system.admin.email, password });
    expect(await api.readCurrentUser()).toMatchObject({ mustChangePassword: true });

    expect((await system.run('down')).exitCode).toBe(0);
    expect(readPassword(await system.start())).toBeUndefined();
    expect(await (await system.signIn({ email: system.admin.email, password })).readCurrentUser()).toMatchObject({
      role: 'admin',
    });
  });

  it('stops everything on Ctrl-C within ten seconds, and leaves nothing running', async () => {
    const system = await create();
    const child = spawn('npm', ['run', '--silent', 'up'], {
      cwd: repositoryRoot,
      env: { ...process.env, ...system.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A process group, so that the signal reaches npm and the script together, as from a terminal.
      detached: true,
    });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    await waitFor('the start', () => (output.includes('Flotilla is up.') ? true : null), 120_000);
    const pids = (await system.listProcesses()).map(({ pid }) => pid ?? 0);
    expect(pids.filter(isRunning).length).toBeGreaterThanOrEqual(6);

    const exited = once(child, 'exit');
    const startedAt = performance.now();
    process.kill(-(child.pid ?? 0), 'SIGINT');
    await Promise.race([exited, delay(STOP_LIMIT_MS * 2)]);
    expect(performance.now() - startedAt).toBeLessThan(STOP_LIMIT_MS);
    expect(pids.filter(isRunning)).toEqual([]);
  });

  it('clears up after a supervisor that was killed', async () => {
    const system = await create();
    await system.start();
    const before = (await system.listProcesses()).map(({ pid }) => pid ?? 0);
    process.kill(await system.readSupervisorPid(), 'SIGKILL');
    await system.start();
    expect(before.filter(isRunning)).toEqual([]);
    expect((await system.run('status')).exitCode).toBe(0);
  });
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}
