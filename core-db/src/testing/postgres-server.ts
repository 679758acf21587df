import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { chooseFreePort } from '../../../scripts/up/ports.mjs';
import { answersAsPostgres, EmbeddedPostgres } from '../../../scripts/up/postgres.mjs';

const ROOT = resolve(import.meta.dirname, '../../..');
const START_BOUND_MS = 30_000;
const POLL_MS = 20;
/** Tests throw their data away; what a power loss does is PostgreSQL's business. */
const FAST_SETTINGS = ['fsync=off', 'full_page_writes=off', 'synchronous_commit=off'];
/** A commit that was told survives the death of the server's processes, as it does with PostgreSQL's own settings. */
const CRASH_SAFE_SETTINGS = ['fsync=off'];

/**
 * Runs the server until the standard input ends: also when the test's process is killed, and nobody stops the server.
 * "Fast shutdown" of PostgreSQL (SIGINT) does not wait for clients; SIGKILL would leave its shared memory behind. A line
 * of input is the "immediate shutdown" (SIGQUIT): all processes end where they are, and the next start has to recover.
 */
const UNTIL_INPUT_ENDS = `
  "$@" & server=$!
  trap : INT TERM
  if read -r _; then kill -QUIT "$server"; else kill -INT "$server"; fi
  wait "$server"`;

export interface PostgresServerOptions {
  /** For tests that crash the server: commits are not lost by that. Default false, which is faster. */
  readonly isCrashSafe?: boolean;
}

/**
 * A real PostgreSQL server on a port of its own, with a temporary folder for its data: the one that `npm run up` starts
 * as well. It can be stopped and started again.
 */
export class PostgresServer {
  readonly url: string;
  readonly #dir: string;
  readonly #port: number;
  readonly #definition: EmbeddedPostgres;
  readonly #settings: readonly string[];
  #process: ChildProcess | null = null;

  private constructor(dir: string, port: number, { isCrashSafe = false }: PostgresServerOptions) {
    this.#dir = dir;
    this.#port = port;
    this.#settings = isCrashSafe ? CRASH_SAFE_SETTINGS : FAST_SETTINGS;
    this.#definition = new EmbeddedPostgres({ root: ROOT, dir, port, password: 'flotilla-test' });
    this.url = this.#definition.url;
  }

  /** Makes a server with an empty database, and starts it. */
  static async start(options: PostgresServerOptions = {}): Promise<PostgresServer> {
    const dir = await mkdtemp(join(tmpdir(), 'flotilla-postgres-'));
    // Under root the server is another system user, who has to get through this folder.
    await chmod(dir, 0o755);
    const server = new PostgresServer(dir, await chooseFreePort(undefined), options);
    await server.#definition.prepare();
    await server.restart();
    return server;
  }

  /** Starts the stopped server again, with its data, and waits until it answers. */
  async restart(): Promise<void> {
    const command = [...this.#definition.serverCommand(), ...this.#settings.flatMap((setting) => ['-c', setting])];
    const child = spawn('sh', ['-c', UNTIL_INPUT_ENDS, 'sh', ...command], { stdio: ['pipe', 'ignore', 'pipe'] });
    this.#process = child;
    let log = '';
    child.stderr.on('data', (chunk: Buffer) => {
      log += chunk.toString();
    });
    await once(child, 'spawn');
    const deadline = Date.now() + START_BOUND_MS;
    while (!(await answersAsPostgres(this.#port)) || !log.includes('ready to accept connections')) {
      // Not by the word FATAL: that is also what the server logs when it answers a question asked before it is ready.
      const hasEnded = child.exitCode !== null || child.signalCode !== null;
      if (hasEnded || Date.now() > deadline) throw new Error(`PostgreSQL did not start:\n${log}`);
      await delay(POLL_MS);
    }
  }

  /** Ends all sessions and stops. */
  async stop(): Promise<void> {
    await this.#end();
  }

  /** Ends all of the server's processes where they are, in the middle of whatever they do; their memory is lost. */
  async crash(): Promise<void> {
    await this.#end('crash\n');
  }

  async #end(lastWords = ''): Promise<void> {
    const child = this.#process;
    this.#process = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.stdin?.end(lastWords);
    await exited;
  }

  /** Stops the server and removes its data. */
  async destroy(): Promise<void> {
    await this.stop();
    await rm(this.#dir, { recursive: true, force: true });
  }
}
