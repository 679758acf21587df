import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, cp, mkdtemp, open, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { waitUntil } from '../../testing/wait-until.ts';
import { encodeRecord } from './record.ts';
import type { Spool } from './spool.ts';
import { buildPayload, numberOf, openSpool, readAll } from './testing/open-spool.ts';

let directory: string;
let opened: Spool[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'flotilla-spool-'));
  opened = [];
});

afterEach(async () => {
  await Promise.all(opened.map((spool) => spool.close()));
  await rm(directory, { recursive: true, force: true });
});

function start(options: Parameters<typeof openSpool>[1] = {}, place = join(directory, 'spool')): Spool {
  const spool = openSpool(place, options);
  opened.push(spool);
  return spool;
}

async function fill(spool: Spool, from: number, to: number, bytes = 0): Promise<void> {
  for (let number = from; number <= to; number += 1) await spool.append(number, buildPayload(number, bytes));
}

const segmentsIn = async (place = join(directory, 'spool')): Promise<string[]> =>
  (await readdir(place)).filter((name) => name.endsWith('.segment')).map((name) => join(place, name));

const lastSegment = async (): Promise<string> => (await segmentsIn()).at(-1) ?? '';

const readNumbers = async (spool: Spool): Promise<number[]> => (await readAll(spool)).map(numberOf);

describe('a spool', () => {
  it('gives what it was given, in order, each once', async () => {
    const spool = start();
    await fill(spool, 1, 250);
    expect(await readNumbers(spool)).toEqual(Array.from({ length: 250 }, (_, index) => index + 1));
    expect(await readNumbers(spool)).toEqual([]);
    await fill(spool, 251, 252);
    expect(await readNumbers(spool)).toEqual([251, 252]);
  });

  it('takes messages larger than what it reads at once', async () => {
    const spool = start();
    for (const number of [1, 2, 3]) await spool.append(number, buildPayload(number, 900_000));
    await fill(spool, 4, 5);
    expect(await readNumbers(spool)).toEqual([1, 2, 3, 4, 5]);
  });

  it('has what is not acknowledged after a restart, and no number twice', async () => {
    const before = start();
    await fill(before, 1, 10);
    const messages = await readAll(before);
    for (const message of messages.slice(0, 4)) before.acknowledge(message);
    await before.close();
    const after = start();
    await fill(after, 11, 12);
    const again = await readAll(after);
    expect(again.map(numberOf)).toEqual([5, 6, 7, 8, 9, 10, 11, 12]);
    expect(
      again.slice(0, 6).map(({ messageId }) => messageId),
      'the same as before',
    ).toEqual(messages.slice(4).map(({ messageId }) => messageId));
    expect(new Set([...messages, ...again].map(({ messageId }) => messageId)).size).toBe(12);
    expect(after.lastSampledAt).toBe(12);
    expect(after.stats).toMatchObject({ waiting: { messages: 8 }, droppedSamples: 0 });
  });

  it('makes an id that nobody can guess, which only its owner can read', async () => {
    const [one, other] = [start(), start({}, join(directory, 'other'))];
    for (const spool of [one, other]) await fill(spool, 1, 1);
    const ids = [...(await readAll(one)), ...(await readAll(other))].map(({ messageId }) => messageId);
    expect(ids[0]).toMatch(/^[0-9a-f]{32}:1$/);
    expect(ids[0]).not.toBe(ids[1]);
    expect((await stat(join(directory, 'spool', 'state'))).mode & 0o077).toBe(0);
    expect((await stat(join(directory, 'spool'))).mode & 0o077).toBe(0);
  });

  it('begins anew for an agent that joined on a copied host, and never under the same ids', async () => {
    const first = start();
    await fill(first, 1, 3);
    const ids = (await readAll(first)).map(({ messageId }) => messageId);
    await first.close();
    await cp(join(directory, 'spool'), join(directory, 'copy'), { recursive: true });
    const copy = start({ agentId: 'agent-2' }, join(directory, 'copy'));
    await fill(copy, 11, 12);
    const messages = await readAll(copy);
    expect(messages.map(numberOf)).toEqual([11, 12]);
    expect(messages.filter(({ messageId }) => ids.includes(messageId))).toEqual([]);
    // The control: the same agent goes on where it was.
    const same = start();
    expect((await readAll(same)).map(({ messageId }) => messageId)).toEqual(ids);
  });

  it('removes whole segments when the bus has them, and says what waits', async () => {
    const spool = start({ segmentBytes: 10_000 });
    await fill(spool, 1, 100, 1000);
    expect((await segmentsIn()).length).toBeGreaterThan(8);
    expect(spool.stats.waiting).toMatchObject({ messages: 100 });
    for (const message of await readAll(spool)) spool.acknowledge(message);
    await waitUntil('one segment', async () => (await segmentsIn()).length === 1);
    expect(spool.stats).toEqual({ waiting: { messages: 0, bytes: 0 }, droppedSamples: 0 });
  });

  it('drops the oldest when it is full, counts it, and knows the count after a restart', async () => {
    const options = { maxBytes: 50_000, segmentBytes: 10_000 };
    const spool = start(options);
    await fill(spool, 1, 200, 1000);
    const { droppedSamples } = spool.stats;
    const sizes = await Promise.all((await segmentsIn()).map(async (file) => (await stat(file)).size));
    expect(sizes.reduce((sum, size) => sum + size)).toBeLessThanOrEqual(50_000);
    await spool.close();
    const after = start(options);
    const numbers = await readNumbers(after);
    expect(numbers.length + droppedSamples).toBe(200);
    expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, index) => 201 - numbers.length + index));
    expect(after.stats.droppedSamples).toBe(droppedSamples);
    // The control: with room for all of it nothing is dropped.
    const roomy = start({ maxBytes: 500_000, segmentBytes: 10_000 }, join(directory, 'roomy'));
    await fill(roomy, 1, 200, 1000);
    expect([(await readNumbers(roomy)).length, roomy.stats.droppedSamples]).toEqual([200, 0]);
  });

  it('does not count as dropped what is on its way when the oldest goes', async () => {
    const spool = start({ maxBytes: 50_000, segmentBytes: 10_000 });
    await fill(spool, 1, 40, 1000);
    const onTheirWay = await spool.read({ messages: 5, bytes: 1e6 });
    await fill(spool, 41, 100, 1000);
    const rest = await readNumbers(spool);
    for (const message of onTheirWay) spool.acknowledge(message);
    expect(onTheirWay.length + rest.length + spool.stats.droppedSamples).toBe(100);
  });
});

describe('damage', () => {
  it('of the tail, at every byte of the last record, costs that record only', async () => {
    const spool = start();
    await fill(spool, 1, 3);
    await spool.close();
    const [file, recordBytes] = [await lastSegment(), encodeRecord(3, 3, buildPayload(3)).length];
    const { size } = await stat(file);
    for (let cut = 0; cut <= recordBytes; cut += 1) {
      const place = join(directory, `cut-${cut}`);
      await cp(join(directory, 'spool'), place, { recursive: true });
      await truncate(file.replace(join(directory, 'spool'), place), size - cut);
      const torn = start({}, place);
      await fill(torn, 4, 4);
      expect(await readNumbers(torn), `${cut} bytes cut`).toEqual(cut === 0 ? [1, 2, 3, 4] : [1, 2, 4]);
      // Of a record that is gone without a trace nobody can know.
      expect(torn.stats.droppedSamples).toBe(cut === 0 || cut === recordBytes ? 0 : 1);
      await torn.close();
      const again = start({}, place);
      expect(await readNumbers(again)).toHaveLength(cut === 0 ? 4 : 3);
      expect(again.stats.droppedSamples, 'counted once').toBe(torn.stats.droppedSamples);
      await again.close();
    }
  });

  it('in the middle costs what cannot be read, counted once', async () => {
    const spool = start({ segmentBytes: 5000 });
    await fill(spool, 1, 30, 1000);
    await spool.close();
    const [first = '', second = ''] = await segmentsIn();
    const content = await readFile(first);
    const handle = await open(first, 'r+');
    await handle.write(Buffer.alloc(20, 0xff), 0, 20, 1500);
    await handle.close();
    // Of the second segment all but the first record is gone.
    await writeFile(second, Buffer.concat([(await readFile(second)).subarray(0, 1200), Buffer.alloc(3000)]));
    const perSegment = Math.floor(content.length / 1000);
    for (const attempt of ['at once', 'after another restart']) {
      const damaged = start({ segmentBytes: 5000 });
      const numbers = await readNumbers(damaged);
      expect(numbers, attempt).not.toContain(2);
      expect(numbers).toEqual(expect.arrayContaining([1, 3, perSegment + 1, 2 * perSegment + 1, 30]));
      expect(damaged.stats.droppedSamples, attempt).toBe(30 - numbers.length);
      await damaged.close();
    }
  });

  it('that comes later is passed over and counted too', async () => {
    const spool = start();
    await fill(spool, 1, 5, 1000);
    const handle = await open(await lastSegment(), 'r+');
    await handle.write(Buffer.alloc(20, 0xff), 0, 20, 1500);
    await handle.close();
    expect(await readNumbers(spool)).toEqual([1, 3, 4, 5]);
    expect(spool.stats.droppedSamples).toBe(1);
  });

  it('of its memory costs the counts and the place, never the samples', async () => {
    const spool = start();
    await fill(spool, 1, 3);
    await spool.close();
    await writeFile(join(directory, 'spool', 'state'), Buffer.alloc(9000, 0xff));
    expect(await readNumbers(start())).toEqual([1, 2, 3]);
  });

  it('of one copy of its memory costs nothing', async () => {
    const spool = start();
    await fill(spool, 1, 3);
    const messages = await readAll(spool);
    for (const message of messages.slice(0, 2)) spool.acknowledge(message);
    await spool.close();
    const state = join(directory, 'spool', 'state');
    const whole = await readFile(state);
    const readAfter = async (from: number): Promise<string[]> => {
      const torn = Buffer.from(whole);
      torn.fill(0xff, from, from + 100);
      await writeFile(state, torn);
      const again = start();
      const ids = (await readAll(again)).map(({ messageId }) => messageId);
      await again.close();
      return ids;
    };
    // One copy is older: what it does not know is sent again, under the same ids.
    for (const from of [0, 4096]) expect(await readAfter(from)).toContain(messages[2]?.messageId);
  });

  /** Reads as the publisher does: again after an error. */
  async function readOn(spool: Spool): Promise<{ readonly numbers: number[]; readonly failures: number }> {
    for (let failures = 0; ; failures += 1) {
      const numbers = await readNumbers(spool).catch(() => null);
      if (numbers !== null) return { numbers, failures };
    }
  }

  it('that takes a file away is counted, after some tries, and holds nobody up', async () => {
    const spool = start({ segmentBytes: 5000 });
    await fill(spool, 1, 12, 1000);
    await rm((await segmentsIn())[0] ?? '');
    expect(await readOn(spool)).toEqual({ numbers: [5, 6, 7, 8, 9, 10, 11, 12], failures: 4 });
    expect(spool.stats.droppedSamples).toBe(4);
  });

  it('that takes the whole folder away ends with the next file', async () => {
    const spool = start({ segmentBytes: 5000 });
    await fill(spool, 1, 1, 1000);
    await rm(join(directory, 'spool'), { recursive: true });
    await fill(spool, 2, 9, 1000);
    expect((await readOn(spool)).numbers).toEqual([5, 6, 7, 8, 9]);
    expect(spool.stats.droppedSamples).toBe(4);
    expect(await segmentsIn()).not.toEqual([]);
  });

  it('of foreign files is none of its business', async () => {
    const spool = start();
    await fill(spool, 1, 2);
    await spool.close();
    await writeFile(join(directory, 'spool', 'README'), 'hello');
    expect(await readNumbers(start())).toEqual([1, 2]);
  });
});

describe('a writer that is killed', () => {
  const WRITER = fileURLToPath(new URL('testing/append-until-killed.ts', import.meta.url));

  /** Resolves with the last number that the killed process said was kept. */
  async function killWhileWriting(mode: 'honest' | 'early'): Promise<number> {
    const child = spawn(process.execPath, [WRITER, join(directory, 'spool'), mode], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let told = '';
    child.stdout.on('data', (chunk: Buffer) => (told += chunk.toString()));
    await waitUntil('some messages', () => told.length > 2000);
    child.kill('SIGKILL');
    await once(child, 'close');
    return Number(told.slice(0, told.lastIndexOf('\n')).split('\n').at(-1));
  }

  it('loses nothing that was kept', async () => {
    for (let round = 0; round < 3; round += 1) {
      const last = await killWhileWriting('honest');
      const spool = start();
      const numbers = await readNumbers(spool);
      const run = Array.from({ length: numbers.length }, (_, index) => index + 1);
      expect(numbers).toEqual(run);
      // One more may be whole on disk without its word on the pipe.
      expect([last, last + 1]).toContain(numbers.length);
      await spool.close();
      await rm(join(directory, 'spool'), { recursive: true });
    }
  });

  it('would be caught if it said so too early', async () => {
    // The control: the same process, telling before it writes. What it told last is not there in some round.
    let lost = 0;
    for (let round = 0; round < 20 && lost === 0; round += 1) {
      const last = await killWhileWriting('early');
      const spool = start();
      lost = last - (await readNumbers(spool)).length;
      await spool.close();
      await rm(join(directory, 'spool'), { recursive: true });
    }
    expect(lost).toBeGreaterThan(0);
  });
});

it('takes a record that was cut by the end of the file for torn, and not for the rest of the disk', async () => {
  const spool = start();
  await fill(spool, 1, 1);
  await spool.close();
  await appendFile(await lastSegment(), encodeRecord(2, 2, buildPayload(2, 3000)).subarray(0, 2000));
  const after = start();
  await fill(after, 3, 3);
  expect(await readNumbers(after)).toEqual([1, 3]);
});
