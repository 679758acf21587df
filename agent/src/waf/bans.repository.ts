import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { allowedNetwork, limiterBan, nodeBan } from '@flotilla/contracts';
import type { Logger } from '@flotilla/runtime';
import { z } from 'zod';
import { syncFolder, writeDurably } from '../shared/write-durably.ts';
import { NO_BANS, type RememberedBans } from './ban-book.ts';

const FILE = 'bans.json';
const OWNER_ONLY = 0o600;

const remembered = z.object({
  revision: z.number().int().min(0).nullable(),
  bans: z.array(nodeBan),
  own: z.array(limiterBan),
  allowed: z.array(allowedNetwork),
});

export interface BansRepository {
  /** Nothing when there is no file, or when it cannot be used: the Core sends them anew. */
  readonly read: () => Promise<RememberedBans>;
  readonly write: (bans: RememberedBans) => Promise<void>;
}

export function createBansRepository(directory: string, logger: Logger): BansRepository {
  const file = join(directory, FILE);
  return {
    read: async () => {
      const text = await readIfThere(file);
      if (text === null) return NO_BANS;
      const parsed = remembered.safeParse(parseJson(text));
      if (parsed.success) return parsed.data;
      logger.error({ file }, 'what was remembered of bans cannot be read; the Core is asked for all of them');
      return NO_BANS;
    },
    write: async (bans) => {
      await mkdir(directory, { recursive: true });
      await writeDurably(file, JSON.stringify(bans), { mode: OWNER_ONLY });
      await syncFolder(directory);
    },
  };
}

async function readIfThere(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
