import { readFile } from 'node:fs/promises';
import { parseConnections } from './parse-connections.ts';

/**
 * Open connections to a replica's ports, whoever has them: seen from inside its own network, so that it does not matter where
 * nginx is.
 * @param procFolder the host's /proc
 * @returns null when it cannot be told: the process has ended, or its host's /proc is not to be seen
 */
export async function countConnections(
  procFolder: string,
  pid: number,
  ports: readonly number[],
): Promise<number | null> {
  if (pid <= 0) return null;
  const wanted = new Set(ports);
  try {
    const tables = await Promise.all(['tcp', 'tcp6'].map((name) => readTable(`${procFolder}/${pid}/net/${name}`)));
    return tables.reduce((sum, table) => sum + parseConnections(table, wanted), 0);
  } catch {
    return null;
  }
}

/** Without IPv6 there is no table of it. */
async function readTable(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (file.endsWith('6') && error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw error;
  }
}
