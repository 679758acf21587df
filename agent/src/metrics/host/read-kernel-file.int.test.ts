import { mkdir, mkdtemp, open, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMemoryLog } from '../../testing/memory-log.ts';
import { createKernelFileReader } from './read-kernel-file.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flotilla-kernel-files-'));
});
afterEach(async () => rm(folder, { recursive: true, force: true }));

const countLines = (text: string): number => text.split('\n').filter(Boolean).length;

describe('createKernelFileReader', () => {
  it.each([0, 1, 32 * 1024 - 1, 32 * 1024, 32 * 1024 + 1, 300_000])(
    'reads a file of %d bytes whole',
    async (length) => {
      const text = 'ä'.repeat(Math.floor(length / 2)).padEnd(length - Math.floor(length / 2), 'x');
      await writeFile(join(folder, 'file'), text);
      const read = createKernelFileReader(folder, createMemoryLog().logger);
      expect(read('file') === text).toBe(true);
      await writeFile(join(folder, 'file'), 'short');
      expect(read('file')).toBe('short');
    },
  );

  it('reads what the kernel makes up, whose size is 0', () => {
    expect(createKernelFileReader('/proc', createMemoryLog().logger)('self/status')).toContain('VmRSS');
  });

  it('does not read without an end', async () => {
    const { logger, text } = createMemoryLog();
    expect(createKernelFileReader('/dev', logger)('zero')).toBeNull();
    expect(text()).toContain('larger than 4194304 bytes');
  });

  it('says once that a file cannot be read, and again after it could', async () => {
    const { logger, text } = createMemoryLog();
    const read = createKernelFileReader(folder, logger);
    expect([read('stat'), read('stat')]).toEqual([null, null]);
    expect(countLines(text())).toBe(1);
    await writeFile(join(folder, 'stat'), 'cpu');
    expect(read('stat')).toBe('cpu');
    await rm(join(folder, 'stat'));
    expect(read('stat')).toBeNull();
    expect(countLines(text())).toBe(2);
  });

  it('does not warn of what not every kernel has, but does of what is there and cannot be read', async () => {
    const { logger, text } = createMemoryLog();
    const read = createKernelFileReader(folder, logger);
    read('pressure/cpu', 'optional');
    expect(text()).not.toContain('"level":"warn"');
    await mkdir(join(folder, 'folder'));
    read('folder', 'optional');
    expect(text()).toContain('"level":"warn"');
  });

  it('keeps no file open', async () => {
    await writeFile(join(folder, 'file'), 'text');
    const read = createKernelFileReader(folder, createMemoryLog().logger);
    const before = (await readdir('/proc/self/fd')).length;
    for (let index = 0; index < 100; index += 1) {
      read('file');
      read('absent');
      read('.');
    }
    expect((await readdir('/proc/self/fd')).length).toBeLessThan(before + 20);
  });

  it('would be seen to, if it did', async () => {
    const before = (await readdir('/proc/self/fd')).length;
    const handles = await Promise.all(Array.from({ length: 100 }, () => open('/proc/self/stat')));
    const during = (await readdir('/proc/self/fd')).length;
    await Promise.all(handles.map((handle) => handle.close()));
    expect(during).toBeGreaterThan(before + 50);
  });
});
