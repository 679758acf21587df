import { randomUUID } from 'node:crypto';
import { presenceMessage, subjects, type PresenceMessage } from '@flotilla/contracts';
import type { BusConnection } from '@flotilla/runtime';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createBusKeyPair, type BusCredentials } from '../shared/bus-credentials.ts';
import { CoreRefusalError } from '../shared/core-errors.ts';
import { AgentBus } from '../testing/agent-bus.ts';
import { createMemoryLog } from '../testing/memory-log.ts';
import { waitUntil } from '../testing/wait-until.ts';
import { startBusLink, type BusLink, type BusLinkDeps } from './bus-link.ts';

const agentId = randomUUID();
const sessionId = randomUUID();

let bus: AgentBus;
let core: BusConnection;
let presence: PresenceMessage[];
let wakes: number;
let connections: boolean[];
let saved: BusCredentials[];
let log: ReturnType<typeof createMemoryLog>;
let ending: AbortController;
let link: BusLink | null;

beforeEach(async () => {
  bus = await AgentBus.start();
  core = await bus.connectAsCore();
  presence = [];
  wakes = 0;
  connections = [];
  saved = [];
  log = createMemoryLog();
  ending = new AbortController();
  link = null;
  core.nats.subscribe(subjects.agentPresence(agentId), {
    callback: (_, message) => void presence.push(presenceMessage.parse(message.json())),
  });
  await core.nats.flush();
});

afterEach(async () => {
  await link?.close();
  await bus.stop();
});

async function buildCredentials(): Promise<BusCredentials & { publicKey: string }> {
  const { publicKey, seed } = createBusKeyPair();
  return { ...(await bus.admit(agentId, publicKey)), seed, publicKey };
}

function start(overrides: Partial<BusLinkDeps> = {}): BusLink {
  link = startBusLink({
    agentId,
    sessionId,
    credentials: null,
    urls: null,
    renew: (publicKey) => bus.admit(agentId, publicKey),
    save: (credentials) => Promise.resolve(void saved.push(credentials)),
    onWake: () => (wakes += 1),
    onConnection: (connection) => void connections.push(connection !== null),
    logger: log.logger,
    signal: ending.signal,
    ...overrides,
  });
  return link;
}

async function wake(): Promise<void> {
  core.nats.publish(subjects.agentWake(agentId));
  await core.nats.flush();
}

describe('the bus link', () => {
  it('says that it is there, is woken, and says goodbye', async () => {
    const { close, isConnected } = start({ credentials: await buildCredentials() });
    await waitUntil('presence', () => presence.length > 0);
    expect(presence[0]).toEqual({ sessionId, state: 'online' });
    expect(isConnected()).toBe(true);
    await wake();
    await waitUntil('a wake', () => wakes === 1);
    ending.abort();
    await close();
    await waitUntil('goodbye', () => presence.at(-1)?.state === 'leaving');
    expect(isConnected()).toBe(false);
    expect(connections).toEqual([true, false]);
  });

  it('takes a WebSocket when that is what it is given', async () => {
    const { isConnected } = start({ credentials: await buildCredentials(), urls: [bus.server.webSocketUrl] });
    await waitUntil('presence', () => presence.length > 0);
    expect(isConnected()).toBe(true);
  });

  it('is polling while the bus is away, and comes back by itself', async () => {
    const { isConnected } = start({ credentials: await buildCredentials() });
    await waitUntil('the connection', isConnected);
    await bus.server.stop();
    await waitUntil('the loss', () => !isConnected());
    await bus.restart();
    await waitUntil('the connection', isConnected, 10_000);
    expect(connections, 'and says so').toEqual([true, false, true]);
    await waitUntil('the Core’s own connection', core.isConnected, 10_000);
    await waitUntil('a wake', async () => {
      await wake();
      return wakes > 0;
    });
    expect(saved, 'with the same key').toEqual([]);
  });

  it('gets a new key when its own is refused, at the start', async () => {
    const credentials = await buildCredentials();
    bus.refuse(credentials.publicKey);
    await bus.restart();
    const { isConnected } = start({ credentials });
    await waitUntil('the connection', isConnected, 10_000);
    expect(saved).toHaveLength(1);
    expect(saved[0]?.seed).not.toBe(credentials.seed);
  });

  it('gets a new key when its own is refused later', async () => {
    const credentials = await buildCredentials();
    const { isConnected } = start({ credentials });
    await waitUntil('the connection', isConnected);
    bus.refuse(credentials.publicKey);
    await bus.restart();
    await waitUntil('a new key', () => saved.length === 1, 15_000);
    await waitUntil('the connection', isConnected, 10_000);
    expect(saved[0]?.seed).not.toBe(credentials.seed);
  });

  it('asks for access when the registration gave none', async () => {
    const { isConnected } = start();
    await waitUntil('the connection', isConnected);
    expect(saved).toHaveLength(1);
  });

  it('gives up when the Core does not know the agent any more', async () => {
    let asked = 0;
    start({
      renew: () => {
        asked += 1;
        return Promise.reject(new CoreRefusalError('/api/agent/bus-access', 401, null));
      },
    });
    await waitUntil('the log', () => log.text().includes('no access to the bus any more'));
    expect(asked).toBe(1);
  });

  it('ends at once while it waits for a bus that is away', async () => {
    const credentials = await buildCredentials();
    await bus.server.stop();
    const { close } = start({ credentials });
    await waitUntil('an attempt', () => log.text().includes('cannot reach the bus yet'));
    const startedAt = performance.now();
    await close();
    expect(performance.now() - startedAt).toBeLessThan(1000);
  });

  it('keeps its private key out of the log', async () => {
    const credentials = await buildCredentials();
    bus.refuse(credentials.publicKey);
    await bus.restart();
    start({ credentials });
    await waitUntil('a new key', () => saved.length === 1, 10_000);
    for (const { seed } of [credentials, ...saved]) expect(log.text()).not.toContain(seed);
    expect(log.text()).toContain('new access to the bus');
  });
});
