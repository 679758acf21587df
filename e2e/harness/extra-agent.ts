import { createJoinToken } from '@flotilla/contracts';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ApiClient } from './api.ts';
import { repositoryRoot } from './system.ts';

const STOP_TIMEOUT_MS = 10_000;

export interface ExtraAgentOptions {
  readonly name: string;
  readonly dir: string;
  readonly httpPort: number;
  readonly httpsPort: number;
  readonly env?: NodeJS.ProcessEnv;
}

/** One more agent on this machine, joined as the dashboard's dialog says, with a directory and ports of its own. */
export class ExtraAgent {
  readonly #env: NodeJS.ProcessEnv;
  readonly #dir: string;
  #process: ChildProcess | null = null;
  #output = '';

  private constructor(dir: string, env: NodeJS.ProcessEnv) {
    this.#dir = dir;
    this.#env = env;
  }

  static async join(api: ApiClient, options: ExtraAgentOptions): Promise<ExtraAgent> {
    const { token } = await api.expect(createJoinToken, { body: { agentName: options.name } });
    const agent = new ExtraAgent(options.dir, {
      ...process.env,
      FLOTILLA_CORE_URL: api.baseUrl,
      FLOTILLA_JOIN_TOKEN: token,
      FLOTILLA_AGENT_NAME: options.name,
      FLOTILLA_AGENT_DIR: options.dir,
      FLOTILLA_PROXY_HTTP_PORT: String(options.httpPort),
      FLOTILLA_PROXY_HTTPS_PORT: String(options.httpsPort),
      FLOTILLA_STOP_PROXY_ON_EXIT: 'true',
      ...options.env,
    });
    agent.start();
    return agent;
  }

  /** Everything that the agent has written to its log. */
  get output(): string {
    return this.#output;
  }

  get isRunning(): boolean {
    return this.#process !== null && this.#process.exitCode === null && this.#process.signalCode === null;
  }

  start(): void {
    const entry = join(repositoryRoot, 'agent', 'src', 'main.ts');
    this.#process = spawn(join(repositoryRoot, 'node_modules', '.bin', 'node'), [entry], { env: this.#env });
    const keep = (chunk: Buffer) => {
      this.#output += chunk.toString();
    };
    this.#process.stdout?.on('data', keep);
    this.#process.stderr?.on('data', keep);
  }

  /** What the agent keeps on disk: its id, key and bus credentials. */
  async readState(): Promise<Record<string, unknown>> {
    return JSON.parse(await readFile(join(this.#dir, 'state.json'), 'utf8')) as Record<string, unknown>;
  }

  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    if (this.#process === null || !this.isRunning) return;
    const exited = once(this.#process, 'exit');
    this.#process.kill(signal);
    const isDone = await Promise.race([exited.then(() => true), delay(STOP_TIMEOUT_MS, false, { ref: false })]);
    if (!isDone) throw new Error(`the agent did not stop within ${STOP_TIMEOUT_MS} ms:\n${this.#output.slice(-2000)}`);
  }
}
