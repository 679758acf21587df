import { randomUUID } from 'node:crypto';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual, promisify } from 'node:util';
import { site, type ReplicasInput, type ServiceReplicasReport, type Site } from '@flotilla/contracts';
import type { ServingReplica } from '../../shared/replica-gate.ts';
import { REPLICA_SERVICE_LABEL } from '../../shared/replica-label.ts';
import { createMemoryLog } from '../../testing/memory-log.ts';
import { waitUntil } from '../../testing/wait-until.ts';
import { createReplicaDocker, type ReplicaDocker } from '../replica-docker.ts';
import { createReplicasRepository } from '../replicas.repository.ts';
import { startReplicas, type Replicas } from '../start-replicas.ts';

/** Answers every request with the text in $BODY, on port 80, and has no health check. */
export const IMAGE = 'flotilla-test/web';
export const BOUND = { timeout: 30_000, interval: 50 };
const DOCKER_SOCKET = '/var/run/docker.sock';
const run = promisify(execFile);

/** Stands for nginx: it lets through what it is told, and remembers every word. */
class RecordingGate {
  readonly rosters: ServingReplica[][] = [];
  refusal: string | null = null;
  readonly serve = async (_serviceId: string, replicas: readonly ServingReplica[]): Promise<void> => {
    if (this.refusal !== null) throw new Error(this.refusal);
    this.rosters.push([...replicas]);
  };
  get ids(): string[] {
    return (this.rosters.at(-1) ?? []).map(({ containerId }) => containerId);
  }
}

/** One service's replicas in a real Docker, and an agent's part for them that can end and begin again. */
export class ReplicaStand implements AsyncDisposable {
  readonly serviceId = randomUUID();
  readonly agentId = randomUUID();
  /** What only this service's containers have. */
  readonly label = `${REPLICA_SERVICE_LABEL}=${this.serviceId}`;
  readonly directory: string;
  readonly log = createMemoryLog();
  readonly #daemonSocket: string;
  readonly #agentSocket: string;
  #gate = new RecordingGate();
  #reports: ServiceReplicasReport[] = [];
  #running: { readonly replicas: Replicas; readonly abort: AbortController } | null = null;
  #revision = 0;

  private constructor(directory: string, daemonSocket: string, agentSocket: string) {
    this.directory = directory;
    this.#daemonSocket = daemonSocket;
    this.#agentSocket = agentSocket;
  }

  /** @param agentSocket where the agent's part finds Docker, when something stands in between */
  static async start(daemonSocket = DOCKER_SOCKET, agentSocket = daemonSocket): Promise<ReplicaStand> {
    const directory = await mkdtemp(join(tmpdir(), 'flotilla-replicas-'));
    const stand = new ReplicaStand(directory, daemonSocket, agentSocket);
    await stand.start();
    return stand;
  }

  /** Of the agent that runs, or ran last. */
  get gate(): RecordingGate {
    return this.#gate;
  }

  get reports(): readonly ServiceReplicasReport[] {
    return this.#reports;
  }

  get last(): ServiceReplicasReport | undefined {
    return this.#reports.at(-1);
  }

  get replicas(): Replicas {
    if (this.#running === null) throw new Error('the agent does not run');
    return this.#running.replicas;
  }

  async start(): Promise<void> {
    this.#gate = new RecordingGate();
    const reports: ServiceReplicasReport[] = [];
    this.#reports = reports;
    const abort = new AbortController();
    const { logger } = this.log;
    const replicas = await startReplicas({
      docker: this.connect(),
      gate: this.#gate,
      repository: createReplicasRepository(this.directory, logger),
      procFolder: '/proc',
      onReport: (report) => reports.push(report),
      logger,
      signal: abort.signal,
    });
    this.#running = { replicas, abort };
  }

  async stop(): Promise<void> {
    this.#running?.abort.abort();
    await this.#running?.replicas.finished;
  }

  /** Docker with this agent's rights. */
  connect(): ReplicaDocker {
    return createReplicaDocker(this.#agentSocket, this.agentId);
  }

  /** Docker's command. */
  async docker(...args: string[]): Promise<string> {
    const { stdout } = await run('docker', ['--host', `unix://${this.#daemonSocket}`, ...args]);
    return stdout.trim();
  }

  /** Saves the service's settings anew. */
  want(change: Partial<Omit<ReplicasInput, 'container'>> = {}, container: object = {}): void {
    this.replicas.settle([this.#buildSite(change, container)], new Set());
  }

  /** Of the containers that run. */
  async listIds(): Promise<string[]> {
    const text = await this.docker('ps', '--quiet', '--no-trunc', '--filter', `label=${this.label}`);
    return text === '' ? [] : text.split('\n');
  }

  /** Waits until so many replicas run, are ready and take requests, and no other. @returns their ids */
  async untilSettled(count: number, timeoutMs = BOUND.timeout): Promise<string[]> {
    let ids: string[] = [];
    const isSettled = async (): Promise<boolean> => {
      const { rollout, wanted, replicas = [] } = this.last ?? {};
      const isReady = rollout === 'settled' && wanted === count && replicas.every(({ state }) => state === 'ready');
      if (!isReady || replicas.length !== count || this.#gate.ids.length !== count) return false;
      ids = await this.listIds();
      return ids.length === count && isDeepStrictEqual(ids.toSorted(), this.#gate.ids.toSorted());
    };
    await waitUntil(`${count} replicas`, isSettled, timeoutMs).catch((error: unknown) => {
      throw new Error(JSON.stringify({ report: this.last, serving: this.#gate.ids, running: ids }), { cause: error });
    });
    return ids;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    const left = await this.docker('ps', '--all', '--quiet', '--filter', `label=${this.label}`);
    if (left !== '') await this.docker('rm', '--force', '--volumes', ...left.split('\n'));
    await rm(this.directory, { recursive: true });
  }

  #buildSite(change: Partial<Omit<ReplicasInput, 'container'>>, container: object): Site {
    this.#revision += 1;
    return site.parse({
      serviceId: this.serviceId,
      serviceRevision: this.#revision,
      name: 'shop',
      domains: ['shop.example.com'],
      target: { replicas: true, port: 80 },
      basicAuth: null,
      replicas: {
        container: { image: IMAGE, environment: [], stopGraceMs: 1000, ...container },
        count: 1,
        drainMs: 5000,
        slowStartMs: 0,
        ...change,
      },
    });
  }
}
