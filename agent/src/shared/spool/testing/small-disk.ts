import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A file system of 1 MiB in memory. Needs root; may be refused inside a container. */
export class SmallDisk implements AsyncDisposable {
  readonly directory: string;

  private constructor(directory: string) {
    this.directory = directory;
  }

  /** Null where mounting is not allowed. */
  static async mount(options = 'size=1m'): Promise<SmallDisk | null> {
    const directory = await mkdtemp(join(tmpdir(), 'flotilla-disk-'));
    try {
      await run('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', directory]);
      return new SmallDisk(directory);
    } catch {
      await rm(directory, { recursive: true });
      return null;
    }
  }

  /** @param option ro or rw */
  async remount(option: string): Promise<void> {
    await run('mount', ['-o', `remount,${option}`, this.directory]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await run('umount', ['-l', this.directory]);
    await rm(this.directory, { recursive: true });
  }
}
