import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { writePrivateFile } from './state.mjs';

const FILE = 'children.json';
const STOP_TIMEOUT_MS = 5000;

/** Writes down which processes run, so that a supervisor that was killed leaves no strangers behind. */
export function rememberChildren(dataDir, pids) {
  const children = pids
    .map((pid) => ({ pid, startTime: readStartTime(pid) }))
    .filter(({ startTime }) => startTime !== null);
  writePrivateFile(join(dataDir, FILE), JSON.stringify(children));
}

/** Ends what an earlier supervisor left running. A number that another program has got since is left alone. */
export async function stopLeftovers(dataDir) {
  const file = join(dataDir, FILE);
  if (!existsSync(file)) return 0;
  const isRunning = ({ pid, startTime }) => readStartTime(pid) === startTime;
  const leftovers = JSON.parse(readFileSync(file, 'utf8')).filter(isRunning);
  for (const { pid } of leftovers) process.kill(pid, 'SIGTERM');
  const deadline = Date.now() + STOP_TIMEOUT_MS;
  while (leftovers.some(isRunning) && Date.now() < deadline) await delay(50);
  for (const { pid } of leftovers.filter(isRunning)) process.kill(pid, 'SIGKILL');
  rmSync(file, { force: true });
  return leftovers.length;
}

/** Start of a process in clock ticks since boot (proc_pid_stat(5), field 22): with the number it names one process. */
export function readStartTime(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ESRCH') return null;
    throw error;
  }
}
