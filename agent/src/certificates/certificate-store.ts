import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { syncFolder, writeDurably } from '../shared/write-durably.ts';

/** The key is in the file. */
const OWNER_ONLY = 0o600;
const FILE = /^([0-9a-f]{64})\.pem$/;

/** Certificates that the Core gave this node, each with its chain and key, named by their content. */
export interface CertificateStore {
  readonly list: () => Promise<Set<string>>;
  /** Null when there is none, or when its content is another one. */
  readonly read: (hash: string) => Promise<string | null>;
  /** @throws Error when the content is not what the hash says */
  readonly write: (hash: string, pem: string) => Promise<void>;
  readonly remove: (hash: string) => Promise<void>;
}

export function createCertificateStore(directory: string): CertificateStore {
  const fileOf = (hash: string) => join(directory, `${hash}.pem`);
  return {
    list: async () => {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      return new Set((await readdir(directory)).flatMap((name) => FILE.exec(name)?.[1] ?? []));
    },
    read: async (hash) => {
      const pem = await readIfThere(fileOf(hash));
      return pem !== null && hashOf(pem) === hash ? pem : null;
    },
    write: async (hash, pem) => {
      if (hashOf(pem) !== hash) throw new Error('the Core sent another certificate than the one that was asked for');
      await writeDurably(fileOf(hash), pem, { mode: OWNER_ONLY });
      await syncFolder(directory);
    },
    remove: (hash) => rm(fileOf(hash), { force: true }),
  };
}

function hashOf(pem: string): string {
  return createHash('sha256').update(pem).digest('hex');
}

async function readIfThere(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}
