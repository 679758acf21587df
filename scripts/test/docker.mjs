import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { findProgram } from '../up/packages.mjs';
import { run } from '../up/run.mjs';

const START_TIMEOUT_MS = 60_000;

/**
 * A Docker Engine for the tests: the one that runs, or one that is started as root and stopped afterwards.
 * @returns {Promise<{ problem: string | null, stop: () => Promise<void> }>} `problem` says why there is none
 */
export async function ensureDocker(folder) {
  const nothingToStop = async () => undefined;
  if (await answers()) return { problem: null, stop: nothingToStop };
  const dockerd = findProgram('dockerd');
  if (dockerd === null) return { problem: 'dockerd is not installed', stop: nothingToStop };
  if (process.getuid() !== 0)
    return { problem: 'dockerd does not run and only root may start it', stop: nothingToStop };

  const logFile = join(folder, 'dockerd.log');
  const log = openSync(logFile, 'w');
  const child = spawn(dockerd, [], { stdio: ['ignore', log, log], detached: true });
  closeSync(log);
  const exited = once(child, 'exit');
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    await exited;
  };
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (Date.now() < deadline && child.exitCode === null) {
    if (await answers()) return { problem: null, stop };
    await delay(200);
  }
  await stop();
  const lastLines = readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-5).join('\n');
  return { problem: `dockerd does not start here:\n${lastLines}`, stop: nothingToStop };
}

function answers() {
  return run('docker', ['info']).then(
    () => true,
    () => false,
  );
}
