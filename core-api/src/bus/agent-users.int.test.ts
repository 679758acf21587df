import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { agentInboxPrefix, subjects } from '@flotilla/contracts';
import { connectBus, createLogger, type BusConnection } from '@flotilla/runtime';
import { NatsServer } from '@flotilla/runtime/testing';
import { createUser } from '@nats-io/nkeys';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { writeNatsConfig } from '../setup/write-nats-config.ts';
import { writeMissingSecrets } from '../setup/write-secrets.ts';
import { encodeBusAccount, type BusAccountKeys, type BusRevocation } from '../shared/encode-bus-account.ts';
import { readSecret } from '../shared/secret-files.ts';
import { readBusKeys, revokeAgentUsers, signAgentUser } from './index.ts';

const logger = createLogger({ name: 'test', level: 'fatal' });
/** How long "nothing arrives" is watched; what is allowed arrives within a millisecond here. */
const SILENCE_MS = 150;

let server: NatsServer;
let secretsDir: string;
let keys: BusAccountKeys;
let core: BusConnection;
let systemBus: BusConnection;
const agents: BusConnection[] = [];
const revocations: BusRevocation[] = [];

interface Agent {
  readonly id: string;
  readonly publicKey: string;
  readonly credentials: { readonly jwt: string; readonly seed: string };
  readonly bus: BusConnection;
  readonly errors: string[];
}

async function joinAgent(servers = [server.url]): Promise<Agent> {
  const id = randomUUID();
  const pair = createUser();
  const publicKey = pair.getPublicKey();
  const jwt = await signAgentUser(keys, { agentId: id, publicKey });
  const credentials = { jwt, seed: new TextDecoder().decode(pair.getSeed()) };
  const bus = await connectAgent(id, credentials, servers);
  const errors: string[] = [];
  void (async () => {
    for await (const status of bus.nats.status()) if (status.type === 'error') errors.push(status.error.message);
  })();
  return { id, publicKey, credentials, bus, errors };
}

async function connectAgent(id: string, credentials: Agent['credentials'], servers = [server.url]) {
  const bus = await connectBus({
    servers,
    credentials,
    name: id,
    inboxPrefix: agentInboxPrefix(id),
    logger,
    maxReconnectDelayMs: 200,
  });
  agents.push(bus);
  return bus;
}

function connectWith(creds: string): Promise<BusConnection> {
  return connectBus({ servers: [server.url], credentials: { creds }, name: 'core', logger, maxReconnectDelayMs: 200 });
}

async function revoke(agent: Agent): Promise<void> {
  revocations.push({ publicKey: agent.publicKey, revokedAt: new Date() });
  await revokeAgentUsers({ systemBus, keys }, revocations);
}

/** Whether `publisher` gets a message through to the Core on `subject`. */
async function reachesCore(publisher: BusConnection, subject: string): Promise<boolean> {
  const subscription = core.nats.subscribe(subject, { max: 1 });
  await core.nats.flush();
  publisher.nats.publish(subject, 'x');
  await publisher.nats.flush();
  await Promise.race([subscription.closed, delay(SILENCE_MS)]);
  const hasArrived = subscription.getReceived() > 0;
  subscription.unsubscribe();
  return hasArrived;
}

/** Whether `subscriber` gets to see what the Core publishes on `subject`. */
async function hears(subscriber: BusConnection, subject: string, published = subject): Promise<boolean> {
  const subscription = subscriber.nats.subscribe(subject, { max: 1, callback: () => undefined });
  await subscriber.nats.flush();
  core.nats.publish(published, 'x');
  await core.nats.flush();
  await Promise.race([subscription.closed, delay(SILENCE_MS)]);
  return subscription.getReceived() > 0;
}

beforeAll(async () => {
  server = await NatsServer.create();
  secretsDir = join(server.place.dir, 'secrets');
  await writeMissingSecrets(secretsDir);
  await writeNatsConfig(server.configFile, secretsDir, {
    host: '127.0.0.1',
    port: server.place.port,
    webSocketHost: '127.0.0.1',
    webSocketPort: server.place.webSocketPort,
    monitorPort: server.place.monitorPort,
    storeDir: join(server.place.dir, 'store'),
    syncInterval: null,
  });
  await server.start(null);
  keys = await readBusKeys(secretsDir);
  core = await connectWith(await readSecret(secretsDir, 'coreCreds'));
  systemBus = await connectWith(await readSecret(secretsDir, 'systemCreds'));
});
afterEach(async () => {
  await Promise.all(agents.splice(0).map((bus) => bus.close()));
});
afterAll(async () => {
  await core.close();
  await systemBus.close();
  await server.destroy();
});

describe.each(['plain', 'WebSocket'])('an agent on a %s connection', (kind) => {
  const join = () => joinAgent([kind === 'plain' ? server.url : server.webSocketUrl]);

  it('publishes in its own name and in no other', async () => {
    const [own, other] = [await join(), randomUUID()];
    expect(await reachesCore(own.bus, subjects.agentPresence(own.id))).toBe(true);
    expect(await reachesCore(own.bus, `telemetry.metrics.3.${own.id}`)).toBe(true);
    expect(await reachesCore(own.bus, subjects.load(3, own.id))).toBe(true);
    expect(await reachesCore(own.bus, subjects.agentPresence(other))).toBe(false);
    expect(await reachesCore(own.bus, subjects.load(3, other))).toBe(false);
    expect(await reachesCore(own.bus, `telemetry.metrics.3.${other}`)).toBe(false);
    expect(await reachesCore(own.bus, subjects.agentWake(other))).toBe(false);
    expect(await reachesCore(own.bus, subjects.event('agent_offline', own.id))).toBe(false);
    expect(own.errors).toHaveLength(5);
  });

  it('hears what is for itself and nothing else', async () => {
    const [own, other] = [await join(), randomUUID()];
    expect(await hears(own.bus, subjects.agentWake(own.id))).toBe(true);
    expect(await hears(own.bus, `${agentInboxPrefix(own.id)}.1`)).toBe(true);
    expect(await hears(own.bus, subjects.agentWake(other))).toBe(false);
    expect(await hears(own.bus, 'agents.*.wake', subjects.agentWake(other))).toBe(false);
    expect(await hears(own.bus, '>', subjects.agentWake(other))).toBe(false);
    expect(await hears(own.bus, `${agentInboxPrefix(other)}.1`)).toBe(false);
    expect(await hears(own.bus, '_INBOX.>', `${agentInboxPrefix(other)}.1`)).toBe(false);
  });

  it('has no access to JetStream and to the system', async () => {
    const { bus } = await join();
    await expect(core.nats.request('$JS.API.INFO', '', { timeout: 500 })).resolves.toBeDefined();
    await expect(bus.nats.request('$JS.API.INFO', '', { timeout: 500 })).rejects.toThrow(/[Pp]ermissions/);
    await expect(bus.nats.request('$SYS.REQ.CLAIMS.UPDATE', 'x', { timeout: 500 })).rejects.toThrow(/[Pp]ermissions/);
  });

  it('is cut off within a second when it is revoked, and no other is', async () => {
    const [revoked, other] = [await join(), await join()];
    const startedAt = performance.now();
    await revoke(revoked);
    await vi.waitFor(() => expect(revoked.bus.isConnected()).toBe(false), 1000);
    expect(performance.now() - startedAt).toBeLessThan(1000);
    expect(await revoked.bus.closed).toMatchObject({ name: 'BusAuthorizationError' });
    await other.bus.check();
    expect(await reachesCore(other.bus, subjects.agentPresence(other.id))).toBe(true);
  });
});

describe('revocations', () => {
  it('outlive a restart of the server, as do the users that were not revoked', async () => {
    const revoked = await joinAgent();
    const other = await joinAgent();
    await revoke(revoked);
    await revoked.bus.closed;
    await server.stop('SIGKILL');
    await server.start(null);
    await vi.waitFor(
      () => expect(other.bus.isConnected() && core.isConnected() && systemBus.isConnected()).toBe(true),
      {
        timeout: 5000,
      },
    );
    const again = connectAgent(revoked.id, revoked.credentials);
    await expect(again).rejects.toMatchObject({ name: 'BusAuthorizationError' });
    expect(await reachesCore(other.bus, subjects.agentPresence(other.id))).toBe(true);
  });

  it('are not believed when the server serves another JWT', async () => {
    const foreignOperator = { ...keys, operatorSigningSeed: await readSecret(secretsDir, 'operatorIdentity') };
    const served = await encodeBusAccount(foreignOperator, []);
    const request = (subject: string) =>
      Promise.resolve({
        json: () => ({ data: { code: 200 } }),
        string: () => (subject.startsWith('$SYS.REQ.CLAIMS') ? '' : served),
      });
    const lying = { nats: { request } } as unknown as BusConnection;
    await expect(revokeAgentUsers({ systemBus: lying, keys }, [])).rejects.toThrow('serves another JWT');
  });
});
