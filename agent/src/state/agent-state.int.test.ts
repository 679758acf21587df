import { chmod, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AGENT_ID, API_KEY } from '../testing/core-stand-in.ts';
import { createMemoryLog } from '../testing/memory-log.ts';
import { createStateRepository } from './agent-state.repository.ts';
import type { AgentState } from './agent-state.ts';
import { lockDirectory } from './directory-lock.ts';

let directory: string;
const state: AgentState = {
  agentId: AGENT_ID,
  apiKey: API_KEY,
  coreUrl: 'http://core.example.com',
  bus: { urls: ['nats://core:4222'], jwt: 'a.b.c', inboxPrefix: '_INBOX.x', seed: 'SUSEED' },
};

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'flotilla-state-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const modeOf = async (file: string) => (await stat(file)).mode & 0o777;

describe('the state file', () => {
  it('is read back, and only by its owner', async () => {
    const nested = join(directory, 'made', 'when', 'missing');
    const repository = createStateRepository(nested, createMemoryLog().logger);
    expect(await repository.read()).toBeNull();
    await repository.write(state);
    await repository.write({ ...state, bus: null });
    expect(await repository.read()).toEqual({ ...state, bus: null });
    expect(await modeOf(join(nested, 'state.json'))).toBe(0o600);
    expect(await readdir(nested), 'nothing is left beside it').toEqual(['state.json']);
  });

  it('is closed to others when it was open to them', async () => {
    const log = createMemoryLog();
    const repository = createStateRepository(directory, log.logger);
    await repository.write(state);
    await chmod(join(directory, 'state.json'), 0o644);
    expect(await repository.read()).toEqual(state);
    expect(await modeOf(join(directory, 'state.json'))).toBe(0o600);
    expect(log.text()).toContain('others could read');
  });

  it.each([
    ['empty', '', 'is empty'],
    ['half written', JSON.stringify(state).slice(0, 80), 'is not JSON'],
    ['of something else', '{"agentId":"x"}', 'wrong or missing: agentId, apiKey, coreUrl, bus'],
  ])('is never replaced when it is %s', async (_, text, problem) => {
    const file = join(directory, 'state.json');
    await writeFile(file, text, { mode: 0o600 });
    const reading = createStateRepository(directory, createMemoryLog().logger).read();
    await expect(reading).rejects.toThrow(problem);
    await expect(reading).rejects.toThrow(/Restore it from a backup/);
    await expect(reading).rejects.not.toThrow(API_KEY.slice(0, 8));
    expect(await readFile(file, 'utf8')).toBe(text);
  });
});

describe('the directory lock', () => {
  it('lets one agent in, by whichever path, and the next one after it', async () => {
    const other = `${directory}-link`;
    await symlink(directory, other);
    const lock = await lockDirectory(directory);
    await expect(lockDirectory(other)).rejects.toThrow('another agent runs with the directory');
    await lock.release();
    await (await lockDirectory(other)).release();
    await rm(other);
  });
});
