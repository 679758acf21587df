import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { rootOf } from './kernel-files.ts';

/** A folder that stands for a host's root, to be changed by a test. */
export interface HostFolder extends AsyncDisposable {
  readonly root: string;
  readonly write: (path: string, text: string) => Promise<void>;
  readonly remove: (path: string) => Promise<void>;
  /** An entry of `/sys/block` or `/sys/class/net`; with `device` when there is hardware behind it. */
  readonly addDevice: (
    path: string,
    options: { readonly isPhysical: boolean; readonly master?: string },
  ) => Promise<void>;
}

/** @param host one of the fixtures, whose `/proc` it gets; without it the folder is empty */
export async function createHostFolder(host?: string): Promise<HostFolder> {
  const root = await mkdtemp(join(tmpdir(), 'flotilla-host-'));
  if (host !== undefined) await cp(rootOf(host), root, { recursive: true });
  return {
    root,
    write: async (path, text) => {
      await mkdir(join(root, dirname(path)), { recursive: true });
      await writeFile(join(root, path), text);
    },
    remove: async (path) => rm(join(root, path), { recursive: true }),
    addDevice: async (path, { isPhysical, master }) => {
      const folder = join(root, path);
      await mkdir(isPhysical ? join(folder, 'device') : folder, { recursive: true });
      if (master !== undefined) await symlink(`../${master}`, join(folder, 'master'));
    },
    [Symbol.asyncDispose]: async () => rm(root, { recursive: true, force: true }),
  };
}
