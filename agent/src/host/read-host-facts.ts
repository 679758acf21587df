import { access, readFile } from 'node:fs/promises';
import { hostname, machine, release, type } from 'node:os';
import { join } from 'node:path';
import type { AgentFacts } from '@flotilla/contracts';
import { parseOsRelease } from './parse-os-release.ts';

export type HostFacts = Pick<AgentFacts, 'hostname' | 'operatingSystem' | 'kernel' | 'architecture'>;

const MOUNTED_ROOT = '/host';

/** Where the host's files are: `/host` when the agent runs in a container that mounts it, else `/`. */
export async function findHostRoot(): Promise<string> {
  return (await exists(join(MOUNTED_ROOT, 'etc'))) ? MOUNTED_ROOT : '/';
}

/** What the host says of itself; a container shares its kernel but has names of its own. */
export async function readHostFacts(hostRoot: string): Promise<HostFacts> {
  // In a container the kernel's own answer is the container's name.
  const name = hostRoot === '/' ? undefined : (await readIfThere(join(hostRoot, 'etc/hostname')))?.trim();
  const osRelease =
    (await readIfThere(join(hostRoot, 'etc/os-release'))) ?? (await readIfThere(join(hostRoot, 'usr/lib/os-release')));
  return {
    hostname: (name || hostname()).slice(0, 255),
    operatingSystem: (parseOsRelease(osRelease ?? '') ?? type()).slice(0, 128),
    kernel: release().slice(0, 128),
    architecture: machine().slice(0, 32),
  };
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (error) {
    if (isAbsent(error)) return false;
    throw error;
  }
}

async function readIfThere(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (isAbsent(error)) return null;
    throw error;
  }
}

function isAbsent(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}
