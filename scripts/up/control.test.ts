import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { askSupervisor, startControlServer } from './control.mjs';
import { readStartTime, rememberChildren, stopLeftovers } from './leftovers.mjs';
import { findAgentProxy } from './stray-proxy.mjs';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'flotilla-control-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

describe('the control server', () => {
  it('answers who may read its file, and nobody after it has closed', async () => {
    let stops = 0;
    const stop = async () => void (stops += 1);
    const control = await startControlServer({ dataDir: dir, describe: async () => ({ processes: [] }), stop });
    expect(statSync(join(dir, 'supervisor.json')).mode & 0o077).toBe(0);
    expect(await askSupervisor(dir, 'GET', '/status')).toEqual({ processes: [] });
    await askSupervisor(dir, 'POST', '/stop');
    expect(stops).toBe(1);
    control.close();
    expect(await askSupervisor(dir, 'GET', '/status')).toBeNull();
  });

  it('is not mistaken for another program that has got its port', async () => {
    const describeIt = async () => ({ processes: [] });
    const control = await startControlServer({ dataDir: dir, describe: describeIt, stop: async () => undefined });
    const other = mkdtempSync(join(tmpdir(), 'flotilla-control-'));
    const { port } = control;
    writeFileSync(join(other, 'supervisor.json'), JSON.stringify({ port, secret: 'x'.repeat(64), pid: 1 }));
    expect(await askSupervisor(other, 'GET', '/status')).toBeNull();
    rmSync(other, { recursive: true });
    control.close();
  });
});

describe('leftovers', () => {
  it('spares a process that has got the number of an old one', async () => {
    rememberChildren(dir, [process.pid]);
    writeFileSync(join(dir, 'children.json'), JSON.stringify([{ pid: process.pid, startTime: '1' }]));
    expect(await stopLeftovers(dir)).toBe(0);
  });

  it('tells a process by its start', () => {
    expect(readStartTime(process.pid)).toMatch(/^\d+$/);
    expect(readStartTime(2 ** 22 + 1)).toBeNull();
  });
});

describe('findAgentProxy', () => {
  it('believes no pid file whose process is no nginx of this agent', () => {
    mkdirSync(join(dir, 'nginx', 'run'), { recursive: true });
    for (const content of ['', 'nginx', '1', String(process.pid)]) {
      writeFileSync(join(dir, 'nginx', 'run', 'nginx.pid'), content);
      expect(findAgentProxy(dir)).toBeNull();
    }
  });
});
