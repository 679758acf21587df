import { listAgents, login, type Agent } from '@flotilla/contracts';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { chooseFreePort } from '../../scripts/up/ports.mjs';
import { ApiClient } from './api.ts';
import { runCommand, type CommandResult } from './run-command.ts';
import { waitFor } from './wait.ts';

export const repositoryRoot = resolve(import.meta.dirname, '..', '..');

const UP_TIMEOUT_MS = 240_000;
const ADMIN = { email: 'operator@example.com', password: 'correct horse battery staple' };

/** A process of a running installation, as `npm run status -- --json` lists it. */
export interface RunningProcess {
  readonly name: string;
  readonly pid: number | null;
  readonly state: string;
}

/** A whole installation, started by the same command that people use, with a data directory and ports of its own. */
export class FlotillaSystem {
  readonly admin = ADMIN;
  readonly dataDir: string;
  readonly port: number;
  readonly proxyHttpPort: number;
  readonly proxyHttpsPort: number;
  /** What distinguishes this installation from the default one. */
  readonly env: NodeJS.ProcessEnv;

  private constructor(dataDir: string, ports: { core: number; http: number; https: number }, env: NodeJS.ProcessEnv) {
    this.dataDir = dataDir;
    this.port = ports.core;
    this.proxyHttpPort = ports.http;
    this.proxyHttpsPort = ports.https;
    this.env = {
      FLOTILLA_DATA_DIR: dataDir,
      FLOTILLA_PORT: String(ports.core),
      FLOTILLA_PROXY_HTTP_PORT: String(ports.http),
      FLOTILLA_PROXY_HTTPS_PORT: String(ports.https),
      FLOTILLA_ADMIN_EMAIL: ADMIN.email,
      FLOTILLA_ADMIN_PASSWORD: ADMIN.password,
      ...env,
    };
  }

  static async create(env: NodeJS.ProcessEnv = {}): Promise<FlotillaSystem> {
    const dataDir = await mkdtemp(join(tmpdir(), 'flotilla-e2e-'));
    const [core, http, https] = await findFreePorts();
    return new FlotillaSystem(dataDir, { core, http, https }, env);
  }

  get baseUrl(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** `npm run <script> -- <args>` for this installation. */
  run(script: 'up' | 'down' | 'status', ...args: string[]): Promise<CommandResult> {
    return runCommand('npm', ['run', '--silent', script, '--', ...args], {
      cwd: repositoryRoot,
      env: this.env,
      timeoutMs: UP_TIMEOUT_MS,
    });
  }

  /** Starts everything and returns what the command printed. Throws with its output when it fails. */
  async start(): Promise<string> {
    const { exitCode, output } = await this.run('up', '--detach');
    if (exitCode !== 0) throw new Error(`npm run up exited with ${exitCode}:\n${output}`);
    return output;
  }

  /** Stops everything and removes its data. */
  async destroy(): Promise<void> {
    const { exitCode, output } = await this.run('down');
    await rm(this.dataDir, { recursive: true, force: true });
    if (exitCode !== 0) throw new Error(`npm run down exited with ${exitCode}:\n${output}`);
  }

  async signIn(credentials: { email: string; password: string } = ADMIN): Promise<ApiClient> {
    const { accessToken } = await new ApiClient(this.baseUrl).expect(login, { body: credentials });
    const api = new ApiClient(this.baseUrl, accessToken);
    await api.readCurrentUser();
    return api;
  }

  /** The agent that `npm run up` starts for this machine, once it is online, on the bus, and its nginx serves. */
  waitForLocalAgent(api: ApiClient): Promise<Agent> {
    return waitFor('the local node to be online and on the bus with a serving nginx', async () => {
      const { items } = await api.expect(listAgents);
      const isReady = ({ status, bus, facts }: Agent) =>
        status === 'online' && bus === 'connected' && facts?.proxy.state === 'serving';
      return items.find(isReady) ?? null;
    });
  }

  /** A port that the start script chose, such as `api` or `nats`. */
  async readPort(name: string): Promise<number> {
    const { ports } = await this.#readState();
    const port = ports[name];
    if (port === undefined) throw new Error(`the installation has no port named ${name}`);
    return port;
  }

  /** Address of the embedded database, for tests that look behind the API. */
  async readDatabaseUrl(): Promise<string> {
    const { ports, databasePassword } = await this.#readState();
    return `postgres://flotilla:${databasePassword}@127.0.0.1:${ports['postgres']}/flotilla`;
  }

  async readSupervisorPid(): Promise<number> {
    const text = await readFile(join(this.dataDir, 'supervisor.json'), 'utf8');
    return (JSON.parse(text) as { pid: number }).pid;
  }

  async #readState(): Promise<{ ports: Record<string, number>; databasePassword: string }> {
    return JSON.parse(await readFile(join(this.dataDir, 'state.json'), 'utf8')) as never;
  }

  async listProcesses(): Promise<RunningProcess[]> {
    const { output } = await this.run('status', '--json');
    return (JSON.parse(output) as { processes: RunningProcess[] }).processes;
  }

  /** Kills one process of the installation without warning, as a crash would. */
  async crash(name: string): Promise<void> {
    const found = (await this.listProcesses()).find((candidate) => candidate.name === name);
    if (found?.pid === undefined || found.pid === null) throw new Error(`${name} does not run`);
    process.kill(found.pid, 'SIGKILL');
  }
}

/** Three free ports that differ. */
export async function findFreePorts(): Promise<[number, number, number]> {
  const first = await chooseFreePort(undefined);
  const second = await chooseFreePort(undefined, [first]);
  return [first, second, await chooseFreePort(undefined, [first, second])];
}
