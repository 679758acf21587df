import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EVENTS_STREAM } from '@flotilla/contracts';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLogger } from '../logging/create-logger.ts';
import { connectBus, type BusConnection, type BusOptions } from './connect-bus.ts';
import { ensureStreams } from './ensure-streams.ts';
import { groupServers } from './group-servers.ts';

const logger = createLogger({ name: 'test', level: 'fatal' });
let dir: string;
let port: number;
let webSocketPort: number;
let server: ChildProcess | null = null;
const open: BusConnection[] = [];

async function findFreePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port: free } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return free;
}

async function startServer(authorization = ''): Promise<void> {
  const file = join(dir, 'nats.conf');
  await writeFile(
    file,
    `listen: 127.0.0.1:${port}\njetstream { store_dir: "${dir}/store" }\n${authorization}
     websocket { listen: "127.0.0.1:${webSocketPort}", no_tls: true }\n`,
  );
  server = spawn('nats-server', ['-c', file], { stdio: 'ignore', env: { PATH: `${process.env['PATH']}:/usr/sbin` } });
}

async function stopServer(): Promise<void> {
  if (server === null || server.exitCode !== null) return;
  const exited = once(server, 'exit');
  server.kill('SIGKILL');
  await exited;
  server = null;
}

async function connect(options: Partial<BusOptions> = {}): Promise<BusConnection> {
  const servers = options.servers ?? [`nats://127.0.0.1:${port}`];
  const bus = await connectBus({ name: 'test', logger, maxReconnectDelayMs: 300, ...options, servers });
  open.push(bus);
  return bus;
}

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'flotilla-bus-'));
  port = await findFreePort();
  webSocketPort = await findFreePort();
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((bus) => bus.close()));
  await stopServer();
  await rm(dir, { recursive: true });
});

describe('connectBus', () => {
  it('waits for a server that starts later', async () => {
    const connecting = connect();
    await startServer();
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
    await startServer();
    const bus = await connect({ onStateChange: (isConnected) => void states.push(isConnected) });
    await stopServer();
    await vi.waitFor(() => expect(bus.isConnected()).toBe(false), 3000);
    await expect(bus.check()).rejects.toThrow('not connected');
    await startServer();
    await vi.waitFor(() => expect(bus.isConnected()).toBe(true), 5000);
    await bus.check();
    expect(states).toEqual([true, false, true]);
  });

  it('connects by WebSocket when nothing listens on the plain port', async () => {
    await startServer();
    const bus = await connect({ servers: ['nats://127.0.0.1:1', `ws://127.0.0.1:${webSocketPort}/bus`] });
    await expect(bus.check()).resolves.toBeUndefined();
  });

  it('rejects refused credentials at once', async () => {
    await startServer('authorization { user: a, password: b }');
    await vi.waitFor(async () => expect((await fetchInfo()).startsWith('INFO')).toBe(true), 3000);
    await expect(connect()).rejects.toMatchObject({ name: 'BusAuthorizationError' });
  });

  it('closes for good when the server begins to refuse', async () => {
    await startServer();
    const bus = await connect();
    await stopServer();
    await startServer('authorization { user: a, password: b }');
    expect(await bus.closed).toMatchObject({ name: 'BusAuthorizationError' });
  });

  it('closes without a server, and reports no reason when asked to', async () => {
    await startServer();
    const bus = await connect();
    await stopServer();
    await bus.close();
    expect(await bus.closed).toBeNull();
  });
});

describe('ensureStreams', () => {
  it('creates, leaves alone and changes a stream', async () => {
    await startServer();
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

async function fetchInfo(): Promise<string> {
  const { connect: dial } = await import('node:net');
  const socket = dial(port, '127.0.0.1');
  try {
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    return chunk.toString();
  } finally {
    socket.destroy();
  }
}
