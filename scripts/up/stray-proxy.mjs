import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const STOP_TIMEOUT_MS = 2000;

/**
 * The number of the agent's nginx when it runs, also without its agent: it outlives an agent that is killed, on purpose.
 * @returns {number | null}
 */
export function findAgentProxy(agentDir) {
  const pid = Number(readOrNull(join(agentDir, 'nginx', 'run', 'nginx.pid')));
  if (!Number.isInteger(pid) || pid < 2) return null;
  // The master's title has its arguments; another program may have got the number since.
  const title = readOrNull(`/proc/${pid}/cmdline`) ?? '';
  return title.includes('nginx') && title.includes(agentDir) ? pid : null;
}

/** Stops the agent's nginx; an agent that stops in order has done so before. */
export async function stopAgentProxy(agentDir) {
  const pid = findAgentProxy(agentDir);
  if (pid === null) return;
  process.kill(pid, 'SIGTERM');
  const deadline = Date.now() + STOP_TIMEOUT_MS;
  while (findAgentProxy(agentDir) === pid) {
    if (Date.now() > deadline) return process.kill(pid, 'SIGKILL');
    await delay(25);
  }
}

function readOrNull(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ESRCH') return null;
    throw error;
  }
}
