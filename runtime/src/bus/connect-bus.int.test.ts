import { EVENTS_STREAM } from '@flotilla/contracts';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLogger } from '../logging/create-logger.ts';
import { NatsServer } from '../testing/index.ts';
import { connectBus, type BusConnection, type BusOptions } from './connect-bus.ts';
import { ensureStreams } from './ensure-streams.ts';
import { groupServers } from './group-servers.ts';

const logger = createLogger({ name: 'test', level: 'fatal' });
const closedToUs = 'authorization { user: a, password: b }';
let server: NatsServer;
const open: BusConnection[] = [];

async function connect(options: Partial<BusOptions> = {}): Promise<BusConnection> {
  const bus = await connectBus({ name: 'test', logger, maxReconnectDelayMs: 300, servers: [server.url], ...options });
  open.push(bus);
  return bus;
}

beforeEach(async () => {
  server = await NatsServer.create();
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((bus) => bus.close()));
  await server.destroy();
});

describe('connectBus', () => {
  it('waits for a server that starts later', async () => {
    const connecting = connect();
    await server.start();
    await expect((await connecting).check()).resolves.toBeUndefined();
  });

  it('gives up waiting when the signal aborts', async () => {
    const abort = new AbortController();
    const connecting = connect({ signal: abort.signal });
    abort.abort();
    await expect(connecting).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('comes back after the server was killed, and says so', async () => {
    const states: boolean[] = [];
    await server.start();
    const bus = await connect({ onStateChange: (isConnected) => void states.push(isConnected) });
    await server.stop();
    await vi.waitFor(() => expect(bus.isConnected()).toBe(false), 3000);
    await expect(bus.check()).rejects.toThrow('not connected');
    await server.start();
    await vi.waitFor(() => expect(bus.isConnected()).toBe(true), 5000);
    await bus.check();
    expect(states).toEqual([true, false, true]);
  });

  it('connects by WebSocket when nothing listens on the plain port', async () => {
    await server.start();
    const bus = await connect({ servers: ['nats://127.0.0.1:1', server.webSocketUrl] });
    await expect(bus.check()).resolves.toBeUndefined();
  });

  it('rejects refused credentials at once', async () => {
    await server.start(server.openConfig(closedToUs));
    await expect(connect()).rejects.toMatchObject({ name: 'BusAuthorizationError' });
  });

  it('closes for good when the server begins to refuse', async () => {
    await server.start();
    const bus = await connect();
    await server.stop();
    await server.start(server.openConfig(closedToUs));
    expect(await bus.closed).toMatchObject({ name: 'BusAuthorizationError' });
  });

  it('closes without a server, and reports no reason when asked to', async () => {
    await server.start();
    const bus = await connect();
    await server.stop();
    await bus.close();
    expect(await bus.closed).toBeNull();
  });
});

describe('ensureStreams', () => {
  it('creates, leaves alone and changes a stream', async () => {
    await server.start();
    const bus = await connect();
    await Promise.all([ensureStreams(bus, [EVENTS_STREAM]), ensureStreams(bus, [EVENTS_STREAM])]);
    await bus.jetstream.publish('events.test.1', '{}');
    await ensureStreams(bus, [{ ...EVENTS_STREAM, maxAgeMs: 86_400_000 }]);
    const { config, state } = await (await bus.jetstreamManager()).streams.info('EVENTS');
    expect(config.max_age).toBe(86_400_000 * 1_000_000);
    expect(state.messages).toBe(1);
  });
});

describe('groupServers', () => {
  it('puts plain servers before WebSocket ones', () => {
    expect(groupServers(['ws://a', 'nats://b', 'wss://c'])).toEqual([
      { isWebSocket: false, servers: ['nats://b'] },
      { isWebSocket: true, servers: ['ws://a', 'wss://c'] },
    ]);
  });
});
