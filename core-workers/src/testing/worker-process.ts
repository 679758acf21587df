import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { findFreePorts } from '@flotilla/runtime/testing';

const MAIN = resolve(import.meta.dirname, '../main.ts');
const START_BOUND_MS = 15_000;
const POLL_MS = 30;

export interface WorkerSettings {
  readonly databaseUrl: string;
  readonly natsUrl: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** A real core-workers process. */
export class WorkerProcess {
  readonly #child: ChildProcess;
  readonly #url: string;
  readonly #exited: Promise<{ readonly code: number | null; readonly signal: string | null }>;
  #log = '';

  private constructor(child: ChildProcess, url: string) {
    this.#child = child;
    this.#url = url;
    this.#exited = once(child, 'exit').then(([code, signal]) => ({
      code: code as number | null,
      signal: signal as string | null,
    }));
    for (const output of [child.stdout, child.stderr]) {
      output?.on('data', (chunk: Buffer) => {
        this.#log += chunk.toString();
      });
    }
  }

  /** Starts a process and waits until it is ready. */
  static async start(settings: WorkerSettings): Promise<WorkerProcess> {
    const worker = await WorkerProcess.launch(settings);
    const deadline = Date.now() + START_BOUND_MS;
    while ((await worker.readReadiness()) !== 200) {
      if (worker.#child.exitCode !== null || Date.now() > deadline) throw new Error(`not ready:\n${worker.log}`);
      await delay(POLL_MS);
    }
    return worker;
  }

  /** Starts a process without waiting. */
  static async launch({ databaseUrl, natsUrl, env = {} }: WorkerSettings): Promise<WorkerProcess> {
    const [port = 0] = await findFreePorts(1);
    const child = spawn(process.execPath, [MAIN], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env['PATH'],
        FLOTILLA_DATABASE_URL: databaseUrl,
        FLOTILLA_NATS_URL: natsUrl,
        FLOTILLA_HEALTH_PORT: String(port),
        FLOTILLA_HEARTBEAT_INTERVAL_MS: '1000',
        ...env,
      },
    });
    return new WorkerProcess(child, `http://127.0.0.1:${port}`);
  }

  get log(): string {
    return this.#log;
  }

  /** Status of its readiness; 0 while nothing answers. */
  async readReadiness(): Promise<number> {
    try {
      return (await fetch(`${this.#url}/health/ready`)).status;
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      if (this.#child.exitCode !== null) throw new Error(`the worker has ended:\n${this.#log}`, { cause: error });
      return 0;
    }
  }

  /** A figure of `/metrics`, the sum of those that have the label; 0 when there is none. */
  async readFigure(name: string, label = ''): Promise<number> {
    const text = await (await fetch(`${this.#url}/metrics`)).text();
    const lines = text.split('\n').filter((line) => line.startsWith(`${name}{`) && line.includes(label));
    return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Holds the process where it is, or lets it go on. */
  pause(): void {
    this.#child.kill('SIGSTOP');
  }

  resume(): void {
    this.#child.kill('SIGCONT');
  }

  /** Sends the signal and waits for the end. */
  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<{ code: number | null; signal: string | null }> {
    this.#child.kill(signal);
    return this.#exited;
  }

  waitForExit(): Promise<{ code: number | null; signal: string | null }> {
    return this.#exited;
  }
}
