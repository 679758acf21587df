import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const IMAGE = 'flotilla-bench/idle';
/** More at once do not start any sooner: dockerd is busy with the first ones. */
const AT_ONCE = 4;
const BUSYBOX = ['/bin/busybox', '/usr/bin/busybox'];

const run = promisify(execFile);

/** Containers of one static program that sleeps: they cost nothing themselves, so that only the agent is measured. */
export class IdleContainers {
  /** Begins the names of these containers; others may run beside them. */
  readonly namePrefix = `flotilla-bench-${process.pid}`;
  #count = 0;

  /** @throws when Docker does not answer or no static busybox is installed */
  static async create(): Promise<IdleContainers> {
    await makeImage();
    return new IdleContainers();
  }

  /** Starts as many as are missing for `count` running ones. */
  async growTo(count: number): Promise<void> {
    const startMissing = async (): Promise<void> => {
      while (this.#count < count) {
        this.#count += 1;
        const name = `${this.namePrefix}-${this.#count}`;
        await docker('run', '--detach', '--network', 'none', '--name', name, IMAGE, '/bin/sleep', '1000000');
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, startMissing));
  }

  /** Removes them all, also those whose start failed. */
  async remove(): Promise<void> {
    const ids = (await docker('ps', '--all', '--quiet', '--filter', `name=^${this.namePrefix}-`)).split('\n');
    const present = ids.filter((id) => id !== '');
    if (present.length > 0) await docker('rm', '--force', ...present);
    await docker('rmi', '--force', IMAGE);
  }
}

async function makeImage(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-bench-'));
  try {
    await mkdir(join(folder, 'bin'));
    await copyBusybox(join(folder, 'bin', 'sleep'));
    const archive = join(folder, 'image.tar');
    await run('tar', ['-C', folder, '-cf', archive, 'bin']);
    await docker('import', archive, IMAGE);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function copyBusybox(target: string): Promise<void> {
  for (const path of BUSYBOX) {
    const isCopied = await copyFile(path, target).then(
      () => true,
      () => false,
    );
    if (isCopied) return;
  }
  throw new Error(`busybox-static is not installed: none of ${BUSYBOX.join(', ')} can be read`);
}

async function docker(...args: string[]): Promise<string> {
  const { stdout } = await run('docker', args);
  return stdout.trim();
}
