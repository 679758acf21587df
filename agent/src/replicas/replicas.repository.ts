import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { containerSpec, entityId } from '@flotilla/contracts';
import type { Logger } from '@flotilla/runtime';
import { z } from 'zod';
import { syncFolder, writeDurably } from '../shared/write-durably.ts';

const FILE = 'replicas.json';
/** Environments of containers have secrets in them. */
const OWNER_ONLY = 0o600;

const rememberedService = z.object({
  /** The newest number that a task asked for; null when none did. */
  scale: z.object({ scaleRevision: z.number().int().min(0), count: z.number().int().min(0) }).nullable(),
  /** What became ready last, all of it, to go back to. */
  lastGood: z.object({ specification: z.string(), container: containerSpec }).nullable(),
  /** Starts in a row that came to nothing, of the settings' specification, and what the last one came to nothing of. */
  failures: z.array(z.object({ specification: z.string(), count: z.number().int().min(1), reason: z.string() })),
});
export type RememberedService = z.infer<typeof rememberedService>;

const remembered = z.record(entityId, rememberedService);

/** What the agent must know of replicas after its restart, and cannot see in their containers. */
export interface ReplicasRepository {
  /** Nothing when there is no file, or when it cannot be used: containers are still found by their labels. */
  readonly read: () => Promise<ReadonlyMap<string, RememberedService>>;
  readonly write: (services: ReadonlyMap<string, RememberedService>) => Promise<void>;
}

export function createReplicasRepository(directory: string, logger: Logger): ReplicasRepository {
  const file = join(directory, FILE);
  return {
    read: async () => {
      const text = await readIfThere(file);
      if (text === null) return new Map();
      const parsed = remembered.safeParse(parseJson(text));
      if (parsed.success) return new Map(Object.entries(parsed.data));
      // The parser's message would quote what it reads: secrets.
      logger.error({ file }, 'what was remembered of replicas cannot be read, and is forgotten');
      return new Map();
    },
    write: async (services) => {
      await mkdir(directory, { recursive: true });
      await writeDurably(file, JSON.stringify(Object.fromEntries(services)), { mode: OWNER_ONLY });
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
