import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { chooseFreePort } from './ports.mjs';
import { answersAsPostgres, EmbeddedPostgres } from './postgres.mjs';
import { SupervisedProcess } from './supervised-process.mjs';

const root = resolve(import.meta.dirname, '..', '..');
let dir: string;
let server: SupervisedProcess | null = null;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'flotilla-postgres-'));
});
afterEach(async () => {
  await server?.stop();
  server = null;
  rmSync(dir, { recursive: true, force: true });
});

async function start(port: number): Promise<string> {
  const postgres = new EmbeddedPostgres({ root, dir: join(dir, 'postgres'), port, password: 'a1b2c3' });
  await postgres.prepare();
  server = new SupervisedProcess(
    {
      name: 'postgres',
      command: postgres.serverCommand(),
      env: process.env,
      address: `127.0.0.1:${port}`,
      isHealthy: () => answersAsPostgres(port),
      startTimeoutMs: 20_000,
      stopSignal: 'SIGINT',
      stopTimeoutMs: 5000,
    },
    { logFile: join(dir, 'server.log'), onChange: () => undefined },
  );
  server.start();
  await server.waitUntilHealthy();
  return postgres.url;
}

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

describe('EmbeddedPostgres', () => {
  // mkdtemp makes a folder that only its owner may enter, as /root is; 0755 is what a checkout usually has.
  it.each(['700', '755'])('starts in a folder with mode 0%s and keeps its data', async (mode) => {
    chmodSync(dir, Number.parseInt(mode, 8));
    const port = await chooseFreePort(undefined);
    const url = await start(port);
    await query(url, 'create table notes (text text)');
    await query(url, "insert into notes values ('kept')");
    await server?.stop();
    expect(await query(await start(port), 'select text from notes')).toEqual([{ text: 'kept' }]);
    expect(statSync(join(dir, 'postgres', 'data')).mode & 0o077).toBe(0);
  });

  it('lets nobody in without the password', async () => {
    const url = await start(await chooseFreePort(undefined));
    await expect(query(url.replace('a1b2c3', 'wrong'), 'select 1')).rejects.toThrow('password authentication failed');
  });

  it('begins anew where an earlier initialisation broke off', async () => {
    mkdirSync(join(dir, 'postgres', 'data.new', 'base'), { recursive: true });
    expect(await query(await start(await chooseFreePort(undefined)), 'select 1 as one')).toEqual([{ one: 1 }]);
  });
});
