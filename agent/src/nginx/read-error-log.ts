import { open, stat } from 'node:fs/promises';

/** What one look reads at most; emergencies are a few lines. */
const LONGEST_READ = 262_144;

/** The log's length in bytes; 0 when there is none yet. */
export async function readLogLength(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    if (isMissing(error)) return 0;
    throw error;
  }
}

/** What was written to the log after its first `offset` bytes. A shorter log was cut and is read from its start. */
export async function readLogSince(file: string, offset: number): Promise<string> {
  const length = await readLogLength(file);
  const from = length < offset ? 0 : offset;
  if (length === from) return '';
  const handle = await open(file, 'r');
  try {
    const buffer = Buffer.alloc(Math.min(length - from, LONGEST_READ));
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, from);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await handle.close();
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
