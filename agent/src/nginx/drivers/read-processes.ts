import { readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Worker } from './driver.ts';

/** The title that a process shows, such as `nginx: master process nginx -p …`; null when there is none of that id. */
export async function readProcessTitle(processId: number): Promise<string | null> {
  const title = await readIfRunning(() => readFile(`/proc/${processId}/cmdline`, 'utf8'));
  // A zombie has no command line left.
  return title === null || title === '' ? null : title.replaceAll('\0', ' ').trim();
}

/** The id in a pid file; null when there is none. */
export async function readPidFile(file: string): Promise<number | null> {
  const text = await readIfRunning(() => readFile(file, 'utf8'));
  const processId = Number(text?.trim());
  return Number.isInteger(processId) && processId > 1 ? processId : null;
}

export async function readWorkersOf(masterId: number): Promise<Worker[]> {
  const text = await readIfRunning(() => readFile(`/proc/${masterId}/task/${masterId}/children`, 'utf8'));
  const ids = (text ?? '').split(' ').filter(Boolean).map(Number);
  const titles = await Promise.all(
    ids.map(async (processId) => ({ processId, title: await readProcessTitle(processId) })),
  );
  return titles.flatMap(({ processId, title }) => workerFromTitle(processId, title ?? ''));
}

/** Empty for other processes of nginx, such as its cache manager. */
export function workerFromTitle(processId: number, title: string): Worker[] {
  if (!title.startsWith('nginx: worker process')) return [];
  return [{ processId, isShuttingDown: title.includes('is shutting down') }];
}

/**
 * nginx processes that have a file open: the workers of a master that was killed live on, hold its ports and keep
 * every new master from binding.
 */
export async function readNginxProcessesWith(openFile: string): Promise<number[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found: number[] = [];
  for (const processId of ids) {
    const title = await readProcessTitle(processId);
    if (title?.startsWith('nginx: ') && (await hasOpen(processId, openFile))) found.push(processId);
  }
  return found;
}

async function hasOpen(processId: number, file: string): Promise<boolean> {
  const folder = `/proc/${processId}/fd`;
  const descriptors = (await readIfRunning(() => readdir(folder))) ?? [];
  const targets = await Promise.all(descriptors.map((name) => readIfRunning(() => readlink(join(folder, name)))));
  return targets.includes(file);
}

/** Null when the process ended meanwhile, or is another user's. */
async function readIfRunning<Result>(read: () => Promise<Result>): Promise<Result | null> {
  try {
    return await read();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ESRCH' || code === 'EACCES' || code === 'EPERM') return null;
    throw error;
  }
}
