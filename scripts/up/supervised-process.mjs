import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, renameSync, statSync } from 'node:fs';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';

const FIRST_BACKOFF_MS = 250;
const MAX_BACKOFF_MS = 10_000;
/** A process that ran this long starts anew without the waits that earlier crashes earned. */
const STABLE_AFTER_MS = 30_000;
const TAIL_LINES = 20;
const MAX_LOG_BYTES = 20 * 2 ** 20;

/**
 * @typedef {object} ProcessDefinition
 * @property {string} name
 * @property {readonly string[]} command program and arguments
 * @property {NodeJS.ProcessEnv} env
 * @property {string} address where it listens, for people
 * @property {() => Promise<boolean>} isHealthy
 * @property {number} startTimeoutMs
 * @property {NodeJS.Signals} [stopSignal] default SIGTERM
 * @property {number} stopTimeoutMs after which it is killed
 */

/** One child process that is started again when it ends by itself. */
export class SupervisedProcess {
  #definition;
  #logFile;
  #child = null;
  #isStopping = false;
  #restarts = 0;
  #startedAt = null;
  #backoffMs = FIRST_BACKOFF_MS;
  #timer = null;
  #onChange;

  /**
   * @param {ProcessDefinition} definition
   * @param {{ logFile: string, onChange: () => void }} options
   */
  constructor(definition, { logFile, onChange }) {
    this.#definition = definition;
    this.#logFile = logFile;
    this.#onChange = onChange;
  }

  get name() {
    return this.#definition.name;
  }

  get pid() {
    return this.#child?.pid ?? null;
  }

  get isHealthy() {
    return this.#child === null ? Promise.resolve(false) : this.#definition.isHealthy().catch(() => false);
  }

  start() {
    const [program, ...args] = this.#definition.command;
    const log = openLog(this.#logFile);
    // A process group of its own: Ctrl-C in the terminal reaches this script alone, which then stops all in order.
    const child = spawn(program, args, {
      env: this.#definition.env,
      stdio: ['ignore', log, log],
      detached: true,
    });
    closeSync(log);
    this.#child = child;
    this.#startedAt = new Date();
    child.once('error', (error) => this.#ended(`could not be started: ${error.message}`));
    child.once('exit', (code, signal) => {
      endGroup(child.pid);
      this.#ended(signal === null ? `exited with ${code}` : `was ended by ${signal}`);
    });
    this.#onChange();
  }

  #ended(how) {
    const ranMs = this.#startedAt === null ? 0 : Date.now() - this.#startedAt.getTime();
    this.#child = null;
    this.#startedAt = null;
    this.#onChange();
    if (this.#isStopping) return;
    if (ranMs > STABLE_AFTER_MS) this.#backoffMs = FIRST_BACKOFF_MS;
    console.log(`! ${this.name} ${how}; starting it again in ${this.#backoffMs} ms (log: ${this.#logFile})`);
    this.#timer = setTimeout(() => {
      this.#restarts += 1;
      this.start();
    }, this.#backoffMs);
    this.#backoffMs = Math.min(this.#backoffMs * 2, MAX_BACKOFF_MS);
  }

  /** Waits until it is healthy. Throws with its last lines when it is not in time, or crashes again and again. */
  async waitUntilHealthy() {
    const deadline = Date.now() + this.#definition.startTimeoutMs;
    while (Date.now() < deadline && this.#restarts < 3 && !this.#isStopping) {
      if (await this.isHealthy) return;
      await delay(50);
    }
    if (this.#isStopping) throw new Error('stopped before everything was up');
    throw new Error(`${this.name} did not become healthy. Its last lines (${this.#logFile}):\n${this.#readTail()}`);
  }

  #readTail() {
    if (!existsSync(this.#logFile)) return '(none)';
    return readFileSync(this.#logFile, 'utf8').trimEnd().split('\n').slice(-TAIL_LINES).join('\n');
  }

  /** Ends it: with its signal, and by force when that takes too long. */
  async stop() {
    this.#isStopping = true;
    clearTimeout(this.#timer);
    const child = this.#child;
    if (child === null) return;
    const exited = once(child, 'exit');
    child.kill(this.#definition.stopSignal ?? 'SIGTERM');
    const abort = new AbortController();
    const isInTime = await Promise.race([
      exited.then(() => true),
      delay(this.#definition.stopTimeoutMs, false, { signal: abort.signal }).catch(() => true),
    ]);
    abort.abort();
    if (isInTime) return;
    console.log(`! ${this.name} did not stop within ${this.#definition.stopTimeoutMs} ms and was killed`);
    child.kill('SIGKILL');
    await exited;
  }

  async describe() {
    const isHealthy = await this.isHealthy;
    return {
      name: this.name,
      pid: this.pid,
      state: this.#child === null ? 'down' : isHealthy ? 'healthy' : 'unhealthy',
      since: this.#startedAt?.toISOString() ?? null,
      restarts: this.#restarts,
      address: this.#definition.address,
    };
  }
}

/** Opens a log to append to; a large one is put aside first, in place of the one that was put aside before. */
function openLog(file) {
  if (existsSync(file) && statSync(file).size > MAX_LOG_BYTES) renameSync(file, `${file}.1`);
  return openSync(file, 'a', 0o640);
}

/**
 * Ends what a process has left of its group: the workers of an nginx whose master was killed would hold the port, and
 * serve an old configuration on it.
 */
function endGroup(pid) {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}
