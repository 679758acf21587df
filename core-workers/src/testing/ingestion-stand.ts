import { allStreams, consumers, METRICS_STREAM } from '@flotilla/contracts';
import { queryRows } from '@flotilla/core-db';
import { createTestDatabase, insertTestAgent, type TestDatabase } from '@flotilla/core-db/testing';
import { ensureStreams, type BusConnection } from '@flotilla/runtime';
import { NatsServer } from '@flotilla/runtime/testing';
import { buildSampleMessage, publishSample } from './build-sample-message.ts';
import { connectTestBus } from './test-bus.ts';
import { WorkerProcess } from './worker-process.ts';

/** A database, a bus with its streams and one agent: what real ingestion workers are tried on. */
export class IngestionStand {
  readonly test: TestDatabase;
  readonly nats: NatsServer;
  readonly bus: BusConnection;
  readonly agentId: string;
  readonly #workers: WorkerProcess[] = [];

  private constructor(test: TestDatabase, nats: NatsServer, bus: BusConnection, agentId: string) {
    this.test = test;
    this.nats = nats;
    this.bus = bus;
    this.agentId = agentId;
  }

  /** @param serverUrl a PostgreSQL of the test's own; @param natsConfig lines for the bus's configuration */
  static async create({
    serverUrl,
    natsConfig = '',
  }: { serverUrl?: string; natsConfig?: string } = {}): Promise<IngestionStand> {
    const test = await createTestDatabase(serverUrl === undefined ? {} : { serverUrl });
    const nats = await NatsServer.create();
    await nats.start(nats.openConfig(natsConfig));
    const bus = await connectTestBus(nats.url);
    await ensureStreams(bus, allStreams);
    return new IngestionStand(test, nats, bus, await insertTestAgent(test.session));
  }

  async startWorker(): Promise<WorkerProcess> {
    const env = { WORKER_ROLES: 'ingestion' };
    const worker = await WorkerProcess.start({ databaseUrl: this.test.url, natsUrl: this.nats.url, env });
    this.#workers.push(worker);
    return worker;
  }

  async publishSamples(times: readonly number[]): Promise<void> {
    for (const sampledAt of times) await publishSample(this.bus, this.agentId, buildSampleMessage({ sampledAt }));
  }

  /** Times of the host's rows, repeats and all. */
  async readTimes(): Promise<number[]> {
    const rows = await queryRows<{ at: Date }>(this.test.session, 'select at from host_metrics order by at');
    return rows.map(({ at }) => at.getTime());
  }

  /** Samples that the bus still expects an answer for. */
  async readUnanswered(): Promise<number> {
    const state = await (await this.bus.jetstreamManager()).consumers.info(METRICS_STREAM.name, consumers.metrics);
    return state.num_pending + state.num_ack_pending;
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.stop('SIGKILL')));
    await this.bus.close();
    await this.nats.destroy();
    await this.test.close();
  }
}

/** Times of so many samples, one a second, that end now. */
export function recentTimes(count: number): number[] {
  const newest = Date.now();
  return Array.from({ length: count }, (_, index) => newest - (count - index) * 1000);
}
