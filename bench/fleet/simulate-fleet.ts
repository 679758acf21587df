import { subjects } from '@flotilla/contracts';
import { credsAuthenticator, connect, headers, type NatsConnection } from '@nats-io/transport-node';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Agent as HttpAgent, request } from 'node:http';
import { buildContainerIds, buildSample } from './build-sample.ts';

/** What the benchmark tells this process by its first message. */
export interface FleetPlan {
  readonly agents: readonly { readonly id: string; readonly key: string }[];
  readonly containersPerAgent: number;
  readonly appliedRevision: string;
  readonly sampleIntervalMs: number;
  readonly heartbeatIntervalMs: number;
  readonly apiPort: number;
  readonly natsPort: number;
  readonly credsFile: string;
}

/** What it answers when the benchmark asks, counted since the start. */
export interface FleetCounts {
  readonly published: number;
  readonly acknowledged: number;
  readonly refused: number;
  readonly heartbeats: number;
  readonly failedHeartbeats: number;
  /** Worst delay of a tick in the last second: this process is too slow itself when it grows. */
  readonly lateMs: number;
}

const TICK_MS = 20;
const CONNECTIONS = 32;

const counts = { published: 0, acknowledged: 0, refused: 0, heartbeats: 0, failedHeartbeats: 0, lateMs: 0 };

process.once('message', (plan: FleetPlan) => {
  simulate(plan).catch((error: unknown) => {
    console.error(error);
    process.exit(1);
  });
});
process.on('disconnect', () => process.exit(0));

/** Samples and heartbeats of all agents, spread evenly over their intervals. The bus's side is one connection for all. */
async function simulate(plan: FleetPlan): Promise<void> {
  const creds = await readFile(plan.credsFile);
  const bus = await connect({ servers: `nats://127.0.0.1:${plan.natsPort}`, authenticator: credsAuthenticator(creds) });
  const inbox = `_INBOX.fleet.${randomUUID()}`;
  bus.subscribe(inbox, {
    callback: (_, message) => {
      if (message.string().includes('"error"')) counts.refused += 1;
      else counts.acknowledged += 1;
    },
  });
  const http = new HttpAgent({ keepAlive: true, maxSockets: CONNECTIONS });
  const fleet = plan.agents.map((agent) => ({
    ...agent,
    containers: buildContainerIds(agent.id, plan.containersPerAgent),
  }));
  const body = Buffer.from(
    JSON.stringify({
      agentVersion: '0.1.0',
      bus: 'connected',
      appliedRevision: plan.appliedRevision,
      taskResults: [],
      clockOffsetMs: 0,
    }),
  );

  spread(fleet, plan.sampleIntervalMs, ({ id, containers }) => publishSample(bus, inbox, id, containers));
  spread(fleet, plan.heartbeatIntervalMs, ({ key }) => sendHeartbeat(http, plan.apiPort, key, body));
  process.on('message', () => {
    process.send?.({ ...counts } satisfies FleetCounts);
    counts.lateMs = 0;
  });
  process.send?.('started');
}

/** Calls `act` for each item once an interval, in even steps. */
function spread<Item>(items: readonly Item[], intervalMs: number, act: (item: Item) => void): void {
  const startedAt = Date.now();
  let done = 0;
  setInterval(() => {
    const elapsedMs = Date.now() - startedAt;
    const due = Math.floor((elapsedMs / intervalMs) * items.length);
    counts.lateMs = Math.max(counts.lateMs, ((due - done) / items.length) * intervalMs - TICK_MS);
    for (; done < due; done += 1) {
      const item = items[done % items.length];
      if (item !== undefined) act(item);
    }
  }, TICK_MS);
}

function publishSample(bus: NatsConnection, inbox: string, agentId: string, containers: readonly string[]): void {
  const sampledAt = Date.now();
  const messageHeaders = headers();
  messageHeaders.set('Nats-Msg-Id', `${agentId}:${sampledAt}`);
  const text = JSON.stringify(buildSample(containers, sampledAt));
  bus.publish(subjects.metrics(agentId), text, { headers: messageHeaders, reply: inbox });
  counts.published += 1;
}

function sendHeartbeat(agent: HttpAgent, port: number, key: string, body: Buffer): void {
  const heartbeat = request({
    agent,
    host: '127.0.0.1',
    port,
    method: 'POST',
    path: '/api/heartbeat',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', 'content-length': body.length },
  });
  heartbeat.on('response', (response) => {
    if (response.statusCode === 200) counts.heartbeats += 1;
    else counts.failedHeartbeats += 1;
    response.resume();
  });
  heartbeat.on('error', () => (counts.failedHeartbeats += 1));
  heartbeat.end(body);
}
