import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { findFreePorts } from './find-free-ports.ts';

const START_BOUND_MS = 10_000;
const POLL_MS = 10;

export interface NatsServerPlace {
  readonly dir: string;
  readonly port: number;
  readonly webSocketPort: number;
  readonly monitorPort: number;
}

/** A real nats-server on ports of its own, with a temporary folder for its data. It can be killed and started again. */
export class NatsServer {
  readonly place: NatsServerPlace;
  #process: ChildProcess | null = null;

  private constructor(place: NatsServerPlace) {
    this.place = place;
  }

  /** Reserves ports and a folder; starts nothing yet. */
  static async create(): Promise<NatsServer> {
    const dir = await mkdtemp(join(tmpdir(), 'flotilla-nats-'));
    const [port = 0, webSocketPort = 0, monitorPort = 0] = await findFreePorts(3);
    return new NatsServer({ dir, port, webSocketPort, monitorPort });
  }

  get url(): string {
    return `nats://127.0.0.1:${this.place.port}`;
  }

  get webSocketUrl(): string {
    return `ws://127.0.0.1:${this.place.webSocketPort}/bus`;
  }

  get configFile(): string {
    return join(this.place.dir, 'nats.conf');
  }

  /**
   * Starts the server and waits until it answers.
   * @param config its whole configuration; null starts with what is in `configFile`; without it a server for everybody
   *   with JetStream and WebSocket
   */
  async start(config?: string | null): Promise<void> {
    if (config !== null) await writeFile(this.configFile, config ?? this.openConfig());
    const env = { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin` };
    const child = spawn('nats-server', ['-c', this.configFile], { env, stdio: ['ignore', 'ignore', 'pipe'] });
    this.#process = child;
    let log = '';
    child.stderr.on('data', (chunk: Buffer) => {
      log += chunk.toString();
    });
    await once(child, 'spawn');
    const deadline = Date.now() + START_BOUND_MS;
    while (!(await canConnect(this.place.port))) {
      if (child.exitCode !== null || Date.now() > deadline) throw new Error(`nats-server did not start:\n${log}`);
      await delay(POLL_MS);
    }
  }

  /** @param extra lines to add, for instance an `authorization` block */
  openConfig(extra = ''): string {
    const { dir, port, webSocketPort } = this.place;
    return `listen: 127.0.0.1:${port}
jetstream { store_dir: ${JSON.stringify(`${dir}/store`)} }
websocket { listen: "127.0.0.1:${webSocketPort}", no_tls: true }
${extra}
`;
  }

  /** Makes the server deaf without a closed connection, as a stalled machine is; only `stop` ends it. */
  pause(): void {
    this.#process?.kill('SIGSTOP');
  }

  async stop(signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> {
    const child = this.#process;
    this.#process = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  }

  /** Stops the server and removes its data. */
  async destroy(): Promise<void> {
    await this.stop();
    await rm(this.place.dir, { recursive: true, force: true });
  }
}

function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const finish = (isOpen: boolean) => {
      socket.destroy();
      resolve(isOpen);
    };
    socket.once('connect', () => finish(true));
    socket.once('error', () => finish(false));
  });
}
