import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { findFieldProblems } from '@flotilla/contracts';
import type { Logger } from '@flotilla/runtime';
import { syncFolder, writeDurably } from '../shared/write-durably.ts';
import { agentState, type AgentState } from './agent-state.ts';

const STATE_FILE = 'state.json';
const OWNER_ONLY = 0o600;
/** nginx's workers pass through it to their files; what is secret in it has a mode of its own. */
const DIRECTORY_MODE = 0o755;

/**
 * The state file is there and cannot be used. Registering again by itself would leave a dead node and its services
 * behind, so a person decides.
 */
export class CorruptStateError extends Error {
  override readonly name = 'CorruptStateError';

  constructor(file: string, problem: string) {
    super(
      `${file} ${problem}. Restore it from a backup, or remove it and start again with a new join token: ` +
        'the node then joins as a new one',
    );
  }
}

export interface StateRepository {
  /** Null before the registration. @throws CorruptStateError */
  readonly read: () => Promise<AgentState | null>;
  readonly write: (state: AgentState) => Promise<void>;
}

/** The agent's state in one file that only its owner can read. */
export function createStateRepository(directory: string, logger: Logger): StateRepository {
  const file = join(directory, STATE_FILE);
  return {
    read: async () => {
      const text = await readOwnerOnly(file, logger);
      return text === null ? null : parseState(file, text);
    },
    write: async (state) => {
      await mkdir(directory, { recursive: true, mode: DIRECTORY_MODE });
      await writeDurably(file, `${JSON.stringify(state, null, 2)}\n`, { mode: OWNER_ONLY });
      await syncFolder(directory);
    },
  };
}

function parseState(file: string, text: string): AgentState {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's message quotes what it reads: secrets.
    throw new CorruptStateError(file, text === '' ? 'is empty' : 'is not JSON');
  }
  const parsed = agentState.safeParse(value);
  if (parsed.success) return parsed.data;
  const fields = findFieldProblems(parsed.error).map(({ field }) => field || 'everything');
  throw new CorruptStateError(file, `is not an agent's state: wrong or missing: ${fields.join(', ')}`);
}

async function readOwnerOnly(file: string, logger: Logger): Promise<string | null> {
  let handle;
  try {
    handle = await open(file, 'r');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
  try {
    const { mode } = await handle.stat();
    if ((mode & 0o077) !== 0) {
      logger.warn({ file, mode: (mode & 0o777).toString(8) }, 'others could read the agent’s keys; that ends now');
      await handle.chmod(OWNER_ONLY);
    }
    return await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
}
