import { findFreePorts } from '@flotilla/runtime/testing';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { JOIN_TOKEN } from './core-stand-in.ts';
import { waitUntil } from './wait-until.ts';

const ENTRY = join(import.meta.dirname, '..', 'main.ts');
const STOP_BOUND_MS = 10_000;
const WAIT_BOUND_MS = 10_000;

/** The agent as a process of its own, with a real nginx, its own directory and free ports. It can be started again. */
export class TestAgent implements AsyncDisposable {
  readonly dir: string;
  readonly httpPort: number;
  readonly #env: NodeJS.ProcessEnv;
  #process: ChildProcess | null = null;
  #output = '';

  private constructor(dir: string, httpPort: number, env: NodeJS.ProcessEnv) {
    this.dir = dir;
    this.httpPort = httpPort;
    this.#env = env;
  }

  /** Starts nothing yet. */
  static async create(coreUrl: string, env: NodeJS.ProcessEnv = {}): Promise<TestAgent> {
    const dir = await mkdtemp(join(tmpdir(), 'flotilla-agent-'));
    // nginx's workers must get in, and mkdtemp lets nobody.
    await chmod(dir, 0o755);
    const [httpPort = 0, httpsPort = 0] = await findFreePorts(2);
    return new TestAgent(dir, httpPort, {
      PATH: `${process.env['PATH'] ?? ''}:/usr/sbin`,
      FLOTILLA_CORE_URL: coreUrl,
      FLOTILLA_JOIN_TOKEN: JOIN_TOKEN,
      FLOTILLA_AGENT_NAME: 'test',
      FLOTILLA_AGENT_DIR: dir,
      FLOTILLA_PROXY_ADDRESS: '127.0.0.1',
      FLOTILLA_PROXY_HTTP_PORT: String(httpPort),
      FLOTILLA_PROXY_HTTPS_PORT: String(httpsPort),
      // A path without a socket: what other tests do with Docker must not show here.
      FLOTILLA_DOCKER_SOCKET: join(dir, 'no-docker.sock'),
      FLOTILLA_STOP_PROXY_ON_EXIT: 'true',
      ...env,
    });
  }

  get output(): string {
    return this.#output;
  }

  get exitCode(): number | null {
    return this.#process?.exitCode ?? null;
  }

  get stateFile(): string {
    return join(this.dir, 'state.json');
  }

  start(): void {
    const child = spawn(process.execPath, [ENTRY], { env: this.#env, stdio: ['ignore', 'pipe', 'pipe'] });
    const keep = (chunk: Buffer): void => {
      this.#output += chunk.toString();
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    this.#process = child;
  }

  /** Rejects with the whole log when the words do not come in time. */
  async waitForLog(words: string): Promise<void> {
    await waitUntil(`"${words}" in the log`, () => this.#output.includes(words), WAIT_BOUND_MS).catch(
      (error: unknown) => {
        throw new Error(`${String(error)}\n${this.#output}`);
      },
    );
  }

  async waitForExit(): Promise<number | null> {
    await waitUntil('the end of the agent', () => this.exitCode !== null, WAIT_BOUND_MS);
    return this.exitCode;
  }

  async readState(): Promise<{ readonly text: string; readonly mode: number }> {
    const { mode } = await stat(this.stateFile);
    return { text: await readFile(this.stateFile, 'utf8'), mode: mode & 0o777 };
  }

  /** Resolves with the exit code. */
  async stop(): Promise<number | null> {
    const child = this.#process;
    if (child === null || child.exitCode !== null) return this.exitCode;
    const exited = once(child, 'exit', { signal: AbortSignal.timeout(STOP_BOUND_MS) });
    child.kill('SIGTERM');
    await exited;
    return child.exitCode;
  }

  /** As a crash, or the kernel short of memory, would end it. */
  async kill(): Promise<void> {
    const child = this.#process;
    this.#process = null;
    if (child === null || child.exitCode !== null) return;
    const exited = once(child, 'exit', { signal: AbortSignal.timeout(STOP_BOUND_MS) });
    child.kill('SIGKILL');
    await exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await rm(this.dir, { recursive: true, force: true });
  }
}
