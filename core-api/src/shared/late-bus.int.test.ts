import { createLogger } from '@flotilla/runtime';
import { NatsServer } from '@flotilla/runtime/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LateBus } from './late-bus.ts';

const BOUND = { timeout: 10_000, interval: 20 };
const logger = createLogger({ name: 'test', level: 'fatal' });

let server: NatsServer;
let abort: AbortController;
let bus: LateBus;
let fatal: unknown[];
beforeEach(async () => {
  server = await NatsServer.create();
  abort = new AbortController();
  fatal = [];
});
afterEach(async () => {
  abort.abort();
  await bus.close();
  await server.destroy();
});

function open(): LateBus {
  const options = {
    servers: [server.url],
    name: 'test',
    logger,
    signal: abort.signal,
    maxReconnectDelayMs: 100,
  };
  return new LateBus(options, { onFatal: (error) => fatal.push(error) });
}

describe('LateBus', () => {
  it('is away, comes, goes and comes again', async () => {
    bus = open();
    let connections = 0;
    bus.onConnected(() => {
      expect(bus.connection).not.toBeNull();
      connections += 1;
    });
    expect(bus.connection).toBeNull();
    await expect(bus.check()).rejects.toThrow('not connected');
    await server.start();
    await vi.waitFor(() => expect(bus.connection).not.toBeNull(), BOUND);
    await bus.check();
    expect(connections).toBe(1);
    await server.stop();
    await vi.waitFor(() => expect(bus.connection).toBeNull(), BOUND);
    await expect(bus.check()).rejects.toThrow('not connected');
    await server.start(null);
    await vi.waitFor(() => bus.check(), BOUND);
    expect(connections).toBe(2);
    const late = vi.fn<() => void>();
    bus.onConnected(late);
    expect(late).toHaveBeenCalledOnce();
    expect(fatal).toEqual([]);
  });

  it('closes while it still waits for the first connection', async () => {
    bus = open();
    abort.abort();
    await bus.close();
    expect(fatal).toEqual([]);
  });

  it('says when the server refuses the credentials', async () => {
    await server.start(server.openConfig('authorization { user: core, password: secret }'));
    bus = open();
    await vi.waitFor(() => expect(fatal).toHaveLength(1), BOUND);
    expect(fatal).toMatchObject([{ name: 'BusAuthorizationError' }]);
  });
});
