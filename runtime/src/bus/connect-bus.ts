import { setTimeout as delay } from 'node:timers/promises';
import { jetstream, jetstreamManager, type JetStreamClient, type JetStreamManager } from '@nats-io/jetstream';
import {
  AuthorizationError,
  jwtAuthenticator,
  wsconnect,
  type Authenticator,
  type ConnectionOptions,
  type NatsConnection,
} from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import type { Logger } from '../logging/create-logger.ts';
import { withinBound } from '../shutdown/bounded.ts';
import { groupServers, type ServerGroup } from './group-servers.ts';
import { parseCreds } from './parse-creds.ts';
import { ReconnectBackoff } from './reconnect-backoff.ts';
import { watchStatus } from './watch-status.ts';

const DEFAULT_MAX_RECONNECT_DELAY_MS = 10_000;
const CONNECT_TIMEOUT_MS = 5000;
const CHECK_BOUND_MS = 1500;
const DRAIN_BOUND_MS = 2000;

/** The server refused the credentials: they are wrong, expired or revoked. Trying again does not help. */
export class BusAuthorizationError extends Error {
  override readonly name = 'BusAuthorizationError';
}

export interface BusOptions {
  /** `nats://host:port`, `tls://…`, `ws://host:port/path`, `wss://…`; those without WebSocket are tried first. */
  readonly servers: readonly string[];
  /** Text of a `.creds` file, or a user JWT with its seed; without either the server must allow anonymous users. */
  readonly credentials?: { readonly creds: string } | { readonly jwt: string; readonly seed: string };
  /** Shown by the server's monitoring. */
  readonly name: string;
  /** Where answers come in; must be what the credentials allow. Default `_INBOX`. */
  readonly inboxPrefix?: string;
  readonly logger: Logger;
  /** Ends the wait for the first connection. */
  readonly signal?: AbortSignal;
  /** Longest wait between two attempts, default 10 s. */
  readonly maxReconnectDelayMs?: number;
  /** Each time the connection is there (also the first time) or gone. */
  readonly onStateChange?: (isConnected: boolean) => void;
}

export interface BusConnection {
  /** publish, subscribe, request, flush. */
  readonly nats: NatsConnection;
  readonly jetstream: JetStreamClient;
  readonly jetstreamManager: () => Promise<JetStreamManager>;
  readonly isConnected: () => boolean;
  /** Rejects when the server does not answer within 1.5 s, for a health check. */
  readonly check: () => Promise<void>;
  /** Resolves when the connection is closed for good, with the reason when nobody asked for it. Never rejects. */
  readonly closed: Promise<Error | null>;
  /** Handles what was received, sends what is pending, then closes; bounded by 2 s. */
  readonly close: () => Promise<void>;
}

/**
 * Connects to the bus and stays connected: reconnects without end, with growing and jittered waits. Resolves at the
 * first connection, however long that takes.
 *
 * The client closes for good after the server has refused its credentials twice in a row (a revoked agent): `closed`
 * then resolves with a `BusAuthorizationError`. It does not come back by itself; enrol again or exit.
 *
 * One process uses one kind of server (WebSocket or not) at a time: the client library keeps its transport in a global.
 * @throws BusAuthorizationError when the first connection is refused; an AbortError when the signal aborts; an Error when
 *   `creds` is no credentials file
 */
export async function connectBus(options: BusOptions): Promise<BusConnection> {
  const backoff = new ReconnectBackoff(options.maxReconnectDelayMs ?? DEFAULT_MAX_RECONNECT_DELAY_MS);
  const { credentials, logger, onStateChange } = options;
  const authenticator = credentials === undefined ? null : buildAuthenticator(credentials);
  const nats = await connectFirst(options, authenticator, backoff);
  let isConnected = false;
  const setConnected = (next: boolean): void => {
    if (next === isConnected) return;
    isConnected = next;
    onStateChange?.(next);
  };
  backoff.reset();
  logger.info({ server: nats.getServer() }, 'connected to the bus');
  setConnected(true);
  // Made when it is asked for: the agent publishes by plain NATS, and its bundle leaves this library out.
  let streams: JetStreamClient | null = null;
  const watched = watchStatus({ nats, backoff, logger, onStateChange: setConnected });
  return {
    nats,
    get jetstream() {
      return (streams ??= jetstream(nats));
    },
    jetstreamManager: () => jetstreamManager(nats),
    isConnected: () => isConnected,
    check: async () => {
      if (!isConnected) throw new Error('not connected to the bus');
      await withinBound('the answer of the bus', CHECK_BOUND_MS, nats.flush());
    },
    closed: waitForClose(nats, watched, logger, setConnected),
    close: () => closeInOrder(nats, isConnected, logger),
  };
}

async function connectFirst(
  options: BusOptions,
  authenticator: Authenticator | null,
  backoff: ReconnectBackoff,
): Promise<NatsConnection> {
  const { logger, signal } = options;
  for (;;) {
    for (const group of groupServers(options.servers)) {
      signal?.throwIfAborted();
      try {
        return await connectGroup(group, options, authenticator, backoff);
      } catch (err) {
        const refusal = findRefusal(err);
        if (refusal !== null) throw refusal;
        logger.warn({ err, servers: group.servers, attempt: backoff.attempts }, 'cannot reach the bus yet');
      }
    }
    backoff.recordAttempt();
    await delay(backoff.waitMs, undefined, signal === undefined ? {} : { signal });
  }
}

function connectGroup(
  group: ServerGroup,
  options: BusOptions,
  authenticator: Authenticator | null,
  backoff: ReconnectBackoff,
): Promise<NatsConnection> {
  const connection: ConnectionOptions = {
    servers: [...group.servers],
    name: options.name,
    timeout: CONNECT_TIMEOUT_MS,
    maxReconnectAttempts: -1,
    reconnectDelayHandler: () => backoff.waitMs,
    pingInterval: 20_000,
    // A cluster's servers announce addresses of their own network, which agents behind NAT cannot reach.
    ignoreClusterUpdates: true,
    ...(options.inboxPrefix === undefined ? {} : { inboxPrefix: options.inboxPrefix }),
    ...(authenticator === null ? {} : { authenticator }),
  };
  return group.isWebSocket ? wsconnect(connection) : connect(connection);
}

function buildAuthenticator(credentials: NonNullable<BusOptions['credentials']>): Authenticator {
  const { jwt, seed } = 'creds' in credentials ? parseCreds(credentials.creds) : credentials;
  return jwtAuthenticator(jwt, new TextEncoder().encode(seed));
}

async function waitForClose(
  nats: NatsConnection,
  watched: Promise<void>,
  logger: Logger,
  setConnected: (isConnected: boolean) => void,
): Promise<Error | null> {
  const reason = (await nats.closed()) ?? null;
  await watched;
  setConnected(false);
  const error = findRefusal(reason) ?? reason;
  if (error !== null) logger.error({ err: error }, 'the bus connection is closed for good');
  return error;
}

/** The library says "not authorized" by an error of its own or by the cause of a connection error. */
function findRefusal(error: unknown): BusAuthorizationError | null {
  if (!(error instanceof Error)) return null;
  if (error instanceof AuthorizationError || error.cause instanceof AuthorizationError) {
    return new BusAuthorizationError('the bus refused the credentials', { cause: error });
  }
  return null;
}

async function closeInOrder(nats: NatsConnection, isConnected: boolean, logger: Logger): Promise<void> {
  if (nats.isClosed()) return;
  if (isConnected) {
    try {
      await withinBound('draining the bus', DRAIN_BOUND_MS, nats.drain());
      return;
    } catch (err) {
      // The server may go at any moment; what could not be drained then is lost with the connection.
      logger.warn({ err }, 'the bus connection is cut');
    }
  }
  await nats.close();
}
