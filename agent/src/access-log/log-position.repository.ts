import { readFile, rename, writeFile } from 'node:fs/promises';
import type { Logger } from '@flotilla/runtime';
import { formatLogPosition, logPosition, type LogPosition } from './log-position.ts';

const OWNER_ONLY = 0o600;

export interface LogPositionRepository {
  /** Null when nothing was ever read, or nobody can know any more how far. */
  readonly read: () => Promise<LogPosition | null>;
  /** Replaces it whole, for whatever ends the agent; not synced to disk, which a line's worth of counts is not worth. */
  readonly write: (position: LogPosition) => Promise<void>;
}

export function createLogPositionRepository(file: string, logger: Logger): LogPositionRepository {
  return {
    read: async () => {
      let text: string;
      try {
        text = await readFile(file, 'utf8');
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
        throw error;
      }
      const position = parse(text);
      if (position === null)
        logger.warn({ file }, 'how far the access log was read is not known; it is read from its end');
      return position;
    },
    write: async (position) => {
      await writeFile(`${file}.new`, formatLogPosition(position), { mode: OWNER_ONLY });
      await rename(`${file}.new`, file);
    },
  };
}

/** A power loss may have left an empty file, or zeros. */
function parse(text: string): LogPosition | null {
  try {
    return logPosition.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}
