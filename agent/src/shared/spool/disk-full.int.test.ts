import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, type TestContext } from 'vitest';
import { createMemoryLog } from '../../testing/memory-log.ts';
import type { Spool } from './spool.ts';
import { buildPayload, numberOf, openSpool, readAll } from './testing/open-spool.ts';
import { SmallDisk } from './testing/small-disk.ts';

const KIBIBYTE = 1024;

let log: ReturnType<typeof createMemoryLog>;
let number: number;

beforeEach(() => {
  log = createMemoryLog();
  number = 0;
});

async function mount(context: TestContext, options?: string): Promise<SmallDisk> {
  return (await SmallDisk.mount(options)) ?? context.skip('mounting is not allowed here');
}

const start = (disk: SmallDisk): Spool => openSpool(join(disk.directory, 'spool'), { logger: log.logger });

const append = (spool: Spool): Promise<boolean> => spool.append((number += 1), buildPayload(number, 20 * KIBIBYTE));

/** Numbers of what was kept and what was not, until the first that was not. */
async function appendUntilFull(spool: Spool): Promise<void> {
  for (let attempts = 0; attempts < 200; attempts += 1) if (!(await append(spool))) return;
  throw new Error('the disk is not full');
}

describe('a spool on a full disk', () => {
  it('drops and counts what does not fit, and goes on by itself when there is room', async (context) => {
    await using disk = await mount(context);
    const other = join(disk.directory, 'somebody-elses');
    await writeFile(other, Buffer.alloc(600 * KIBIBYTE));
    const spool = start(disk);
    await appendUntilFull(spool);
    const keptBefore = number - 1;
    expect(keptBefore).toBeGreaterThan(5);
    expect(await Promise.all([append(spool), append(spool)])).toEqual([false, false]);
    expect(spool.stats.droppedSamples).toBe(3);
    expect(log.text().match(/cannot write the spool/g), 'said once').toHaveLength(1);

    await rm(other);
    expect(await append(spool)).toBe(true);
    expect(log.text()).toContain('the spool is written again');
    const kept = [...Array.from({ length: keptBefore }, (_, index) => index + 1), number];
    expect((await readAll(spool)).map(numberOf)).toEqual(kept);
    await spool.close();

    const again = start(disk);
    expect((await readAll(again)).map(numberOf), 'nothing half written was left').toEqual(kept);
    expect(again.stats.droppedSamples).toBe(3);
    await again.close();
  });

  it('counts what it dropped even when the disk stays full until the end', async (context) => {
    await using disk = await mount(context);
    const spool = start(disk);
    await appendUntilFull(spool);
    await append(spool);
    await spool.close();
    const again = start(disk);
    expect((await readAll(again)).length).toBe(number - 2);
    expect(again.stats.droppedSamples).toBe(2);
    await again.close();
  });

  it('sends what it has while nothing new can be written', async (context) => {
    await using disk = await mount(context);
    const spool = start(disk);
    await appendUntilFull(spool);
    const messages = await readAll(spool);
    expect(messages).toHaveLength(number - 1);
    for (const message of messages) spool.acknowledge(message);
    expect(spool.stats.waiting).toEqual({ messages: 0, bytes: 0 });
    await spool.close();
  });

  it('begins when there is room, if there was none at the start', async (context) => {
    await using disk = await mount(context);
    const other = join(disk.directory, 'somebody-elses');
    await writeFile(other, Buffer.alloc(2048 * KIBIBYTE)).catch(() => undefined);
    expect((await readFile(other)).length, 'the control: it is full').toBeGreaterThan(1000 * KIBIBYTE);
    const spool = start(disk);
    expect(await append(spool)).toBe(false);
    expect(spool.stats).toEqual({ waiting: null, droppedSamples: 1 });
    await rm(other);
    expect(await append(spool)).toBe(true);
    expect(spool.stats).toMatchObject({ waiting: { messages: 1 }, droppedSamples: 1 });
    await spool.close();
  });
});

describe('a spool on a disk that only reads', () => {
  it('drops and counts, and begins when it can be written', async (context) => {
    await using disk = await mount(context, 'size=1m,ro');
    const spool = start(disk);
    expect([await append(spool), await append(spool)]).toEqual([false, false]);
    await disk.remount('rw');
    expect(await append(spool)).toBe(true);
    expect((await readAll(spool)).map(numberOf)).toEqual([3]);
    expect(spool.stats.droppedSamples).toBe(2);
    await spool.close();
  });
});
