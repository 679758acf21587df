import { once } from 'node:events';
import { mkdir, stat } from 'node:fs/promises';
import { createServer } from 'node:net';

/** Another agent works in the same directory. */
export class DirectoryInUseError extends Error {
  override readonly name = 'DirectoryInUseError';

  constructor(directory: string) {
    super(
      `another agent runs with the directory ${directory}; stop it, or give this one its own by FLOTILLA_AGENT_DIR`,
    );
  }
}

export interface DirectoryLock {
  readonly release: () => Promise<void>;
}

/**
 * Makes this process the only agent of a directory, made when missing. The lock is a socket in Linux's abstract
 * namespace (unix(7)), named after the directory's inode: the kernel grants it to one process and frees it when that
 * one ends, however it ends, so there is no stale lock to judge. It holds among processes that share a network
 * namespace; two agents in different ones are told apart by the Core, which sees two sessions under one id.
 * @throws DirectoryInUseError
 */
export async function lockDirectory(directory: string): Promise<DirectoryLock> {
  await mkdir(directory, { recursive: true, mode: 0o755 });
  const { dev: device, ino: inode } = await stat(directory);
  const server = createServer((socket) => socket.destroy());
  server.listen(`\0flotilla-agent-${device}-${inode}`);
  try {
    await once(server, 'listening');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
      throw new DirectoryInUseError(directory);
    }
    throw error;
  }
  server.unref();
  return {
    release: async () => {
      server.close();
      await once(server, 'close');
    },
  };
}
