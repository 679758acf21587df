import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { findProgram } from '../up/packages.mjs';
import { run } from '../up/run.mjs';

const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 20_000;

/**
 * How dockerd is started: plainly, and where the kernel or the sandbox does not allow that, without its own firewall rules
 * (published ports then go through its userland proxy) and with plain directories for layers.
 */
const WAYS_TO_START = [[], ['--iptables=false', '--ip6tables=false'], ['--iptables=false', '--storage-driver=vfs']];

/**
 * A Docker Engine for the tests: the one that runs, or one that is started as root and stopped afterwards.
 * @returns {Promise<{ problem: string | null, stop: () => Promise<void> }>} `problem` says why there is none
 */
export async function ensureDocker(folder) {
  const without = (problem) => ({ problem, stop: async () => undefined });
  if (await answers()) return without(null);
  const dockerd = findProgram('dockerd');
  if (dockerd === null) return without('dockerd is not installed');
  if (process.getuid() !== 0) return without('dockerd does not run and only root may start it');
  let lastLines = '';
  for (const args of WAYS_TO_START) {
    const logFile = join(folder, 'dockerd.log');
    const stop = await startDockerd(dockerd, args, logFile);
    if (stop !== null) return { problem: null, stop };
    lastLines = readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-5).join('\n');
  }
  return without(`dockerd does not start here:\n${lastLines}`);
}

/** @returns {Promise<(() => Promise<void>) | null>} how to stop it; null when it does not come up */
async function startDockerd(dockerd, args, logFile) {
  const log = openSync(logFile, 'w');
  const child = spawn(dockerd, args, { stdio: ['ignore', log, log], detached: true });
  closeSync(log);
  const exited = once(child, 'exit');
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    const isDone = await Promise.race([exited.then(() => true), delay(STOP_TIMEOUT_MS, false, { ref: false })]);
    if (isDone) return;
    child.kill('SIGKILL');
    await exited;
  };
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (Date.now() < deadline && child.exitCode === null) {
    if (await answers()) return stop;
    await delay(200);
  }
  await stop();
  return null;
}

function answers() {
  return run('docker', ['info']).then(
    () => true,
    () => false,
  );
}
