// `npm run up`: everything from nothing. Plain JavaScript without dependencies, because it runs before there are any,
// under whatever Node (20 or newer) the machine has.
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { askSupervisor } from './up/control.mjs';
import { readSettings } from './up/settings.mjs';
import { Supervisor } from './up/supervise.mjs';

const root = resolve(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '..');
/** The last line that a start in the background writes; what follows `up` on the terminal ends there. */
const READY = 'Flotilla is up.';
const DETACHED_START_TIMEOUT_MS = 600_000;

async function main() {
  const { values } = parseArgs({ options: { detach: { type: 'boolean' }, supervise: { type: 'boolean' } } });
  const settings = readSettings(process.env, root);
  if ((await askSupervisor(settings.dataDir, 'GET', '/status')) !== null) {
    throw new Error(`Flotilla runs already on ${settings.dataDir}: npm run status, npm run down`);
  }
  return values.detach === true ? startDetached(settings) : startHere(settings);
}

async function startHere(settings) {
  const supervisor = new Supervisor({ root, settings });
  // Whoever read the progress may go away (`npm run up | head`); the installation stays.
  process.stdout.on('error', () => undefined);
  const stop = async (signal) => {
    console.log(`\n${signal}: stopping`);
    await supervisor.stop();
  };
  // SIGHUP: the terminal was closed.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => void stop(signal));
  try {
    await supervisor.start();
    console.log(READY);
  } catch (error) {
    await supervisor.stop();
    throw error;
  }
}

/** Starts this script once more without a terminal, shows what it prints until it is up, and leaves it. */
async function startDetached(settings) {
  const logs = join(settings.dataDir, 'logs');
  mkdirSync(logs, { recursive: true });
  const logFile = join(logs, 'up.log');
  // The first start writes the one-time password there.
  rmSync(logFile, { force: true });
  const log = openSync(logFile, 'w', 0o600);
  const child = spawn(process.execPath, [import.meta.filename ?? process.argv[1], '--supervise'], {
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  let exitCode = null;
  child.once('exit', (code) => {
    exitCode = code ?? 1;
  });

  let shown = 0;
  const deadline = Date.now() + DETACHED_START_TIMEOUT_MS;
  for (;;) {
    const hasEnded = exitCode !== null;
    const text = readFileSync(logFile, 'utf8');
    process.stdout.write(text.slice(shown));
    shown = text.length;
    if (text.includes(READY)) break;
    if (hasEnded) throw new Error('Flotilla did not start; what is wrong stands above.');
    if (Date.now() > deadline) throw new Error(`Flotilla did not start within 10 minutes; see ${logFile}`);
    await delay(100);
  }
  child.unref();
}

main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
