import { statfs } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { createMemoryLog } from '../../testing/memory-log.ts';
import type { FileSystemCounts } from './decide-file-system-use.ts';
import { createFileSystemReader } from './read-file-systems.ts';
import { rootOf } from './testing/kernel-files.ts';

const COUNTS = { bsize: 1024, blocks: 100, bfree: 50, bavail: 50, files: 10, ffree: 5 };
const list = (...mountPoints: string[]) => mountPoints.map((mountPoint) => ({ mountPoint, canFillUp: true }));

/** Answers at once, except for those of which it is told that they hang. */
function createMachine() {
  const asked: string[] = [];
  const hanging = new Map<string, PromiseWithResolvers<FileSystemCounts>>();
  const { logger, text } = createMemoryLog();
  const ask = (_: string, mountPoint: string): Promise<FileSystemCounts> => {
    asked.push(mountPoint);
    return hanging.get(mountPoint)?.promise ?? Promise.resolve(COUNTS);
  };
  return {
    asked,
    text,
    hang: (mountPoint: string) => hanging.set(mountPoint, Promise.withResolvers<FileSystemCounts>()),
    /** Ends the question that is open, and answers again. */
    recover: (mountPoint: string) => {
      hanging.get(mountPoint)?.resolve(COUNTS);
      hanging.delete(mountPoint);
    },
    fail: (mountPoint: string) => {
      hanging.get(mountPoint)?.reject(new Error('the disk is gone'));
      hanging.delete(mountPoint);
    },
    read: createFileSystemReader({ hostRoot: '/', logger, ask }),
  };
}

const known = (readings: readonly { mountPoint: string; usedPercent: number | null }[]): string[] =>
  readings.filter(({ usedPercent }) => usedPercent !== null).map(({ mountPoint }) => mountPoint);

describe('createFileSystemReader', () => {
  it('reads the file system of this machine', async () => {
    const [root] = await createFileSystemReader({ hostRoot: '/', logger: createMemoryLog().logger })(list('/'));
    const { blocks, bsize } = await statfs('/');
    expect(root).toMatchObject({ mountPoint: '/', totalBytes: blocks * bsize });
  });

  it('does not know a file system that is not mounted here, and does not take the one above for it', async () => {
    const hostRoot = rootOf('linux-5.15-ubuntu22');
    const read = createFileSystemReader({ hostRoot, logger: createMemoryLog().logger });
    expect(known(await read(list('/', '/proc', '/not/there')))).toEqual(['/']);
  });

  it('would take the one above for it, if it did not look', async () => {
    const above = await statfs(`${rootOf('linux-5.15-ubuntu22')}/proc`);
    expect(above.blocks).toBeGreaterThan(0);
  });

  it('knows a real one below another root', async () => {
    const read = createFileSystemReader({ hostRoot: '/./', logger: createMemoryLog().logger });
    expect(known(await read(list('/', '/dev/shm')))).toEqual(['/', '/dev/shm']);
  });

  it('waits a bounded time for one that hangs, asks it no second time, and knows the others', async () => {
    const machine = createMachine();
    machine.hang('/dead');
    const start = performance.now();
    expect(known(await machine.read(list('/', '/dead', '/data')))).toEqual(['/', '/data']);
    expect(performance.now() - start).toBeGreaterThan(450);
    const again = performance.now();
    expect(known(await machine.read(list('/', '/dead', '/data')))).toEqual(['/', '/data']);
    expect(performance.now() - again).toBeLessThan(400);
    const countAsked = (asked: string): number => machine.asked.filter((mountPoint) => mountPoint === asked).length;
    expect([countAsked('/dead'), countAsked('/data')]).toEqual([1, 2]);
    expect(machine.text().match(/does not say how full it is/g)).toHaveLength(1);
  });

  it('leaves threads for everything else when several hang', async () => {
    const machine = createMachine();
    const all = list('/a', '/b', '/c', '/d', '/');
    for (const { mountPoint } of all) machine.hang(mountPoint);
    expect(known(await machine.read(all))).toEqual([]);
    expect(machine.asked).toEqual(['/a', '/b']);
  });

  it.each(['recover', 'fail'] as const)('asks again when the open question has ended (%s)', async (end) => {
    const machine = createMachine();
    machine.hang('/dead');
    await machine.read(list('/dead'));
    machine[end]('/dead');
    await Promise.resolve();
    expect(known(await machine.read(list('/dead')))).toEqual(['/dead']);
  });
});
