import { subjects, type BusAccess, type PresenceMessage } from '@flotilla/contracts';
import { BusAuthorizationError, connectBus, type BusConnection, type Logger } from '@flotilla/runtime';
import { createBusKeyPair, type BusCredentials } from '../shared/bus-credentials.ts';
import { chooseBackoffMs } from '../shared/choose-backoff.ts';
import { CoreRefusalError } from '../shared/core-errors.ts';
import { sleep } from '../shared/sleep.ts';

const BACKOFF = { firstMs: 1000, longestMs: 300_000 } as const;
/** A connection that was refused sooner did not work: two agents with one key throw each other out. */
const WORKED_AFTER_MS = 60_000;

export interface BusLinkDeps {
  readonly agentId: string;
  readonly sessionId: string;
  /** Null when the Core gave none at the registration. */
  readonly credentials: BusCredentials | null;
  /** Used instead of the addresses that the Core hands out; null for those. */
  readonly urls: readonly string[] | null;
  /** Exchanges a new public key for access. */
  readonly renew: (busPublicKey: string, signal: AbortSignal) => Promise<BusAccess>;
  readonly save: (credentials: BusCredentials) => Promise<void>;
  /** The Core asks for a heartbeat now. */
  readonly onWake: () => void;
  /** The connection is there (also: again), or is gone. */
  readonly onConnection: (bus: BusConnection | null) => void;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

export interface BusLink {
  readonly isConnected: () => boolean;
  /** Says goodbye to the Core and closes the connection. */
  readonly close: () => Promise<void>;
}

/**
 * The agent's connection to the bus, in the background: without it the agent polls.
 *
 *     credentials ─▶ connect ─▶ connected, reconnecting for ever
 *         ▲             │            │
 *         │             └─ refused ◀─┘ (revoked, expired)
 *         └─ a new key pair, after a wait of 1 s … 5 min; the Core says 401: the end
 */
export function startBusLink(deps: BusLinkDeps): BusLink {
  const { agentId, sessionId, logger } = deps;
  const ending = new AbortController();
  const end = (): void => ending.abort();
  deps.signal.addEventListener('abort', end, { once: true });
  if (deps.signal.aborted) end();
  let connection: BusConnection | null = null;

  const publishPresence = (bus: BusConnection, state: PresenceMessage['state']): void => {
    bus.nats.publish(subjects.agentPresence(agentId), JSON.stringify({ sessionId, state } satisfies PresenceMessage));
  };

  /** Stays connected until it ends for good. @throws BusAuthorizationError when it was refused */
  const stayConnected = async (credentials: BusCredentials): Promise<void> => {
    let opened: BusConnection | null = null;
    opened = await connectBus({
      servers: deps.urls ?? credentials.urls,
      credentials,
      name: `agent ${agentId}`,
      inboxPrefix: credentials.inboxPrefix,
      logger,
      signal: ending.signal,
      onStateChange: (isConnected) => {
        if (opened === null) return;
        if (isConnected) publishPresence(opened, 'online');
        deps.onConnection(isConnected ? opened : null);
      },
    });
    if (ending.signal.aborted) return opened.close();
    connection = opened;
    opened.nats.subscribe(subjects.agentWake(agentId), { callback: deps.onWake });
    publishPresence(opened, 'online');
    deps.onConnection(opened);
    const reason = await opened.closed;
    connection = null;
    if (reason !== null) throw reason;
  };

  const renew = async (): Promise<BusCredentials> => {
    const { publicKey, seed } = createBusKeyPair();
    const credentials = { ...(await deps.renew(publicKey, ending.signal)), seed };
    await deps.save(credentials);
    logger.info('has new access to the bus');
    return credentials;
  };

  const run = async (): Promise<void> => {
    let { credentials } = deps;
    for (let failuresInARow = 0; !ending.signal.aborted;) {
      const startedAt = Date.now();
      try {
        credentials ??= await renew();
        if ((deps.urls ?? credentials.urls).length === 0) {
          logger.warn('the Core named no address of the bus; the agent polls');
          return;
        }
        await stayConnected(credentials);
      } catch (error) {
        if (ending.signal.aborted) return;
        if (error instanceof CoreRefusalError && error.status === 401) {
          logger.warn({ reason: error.message }, 'no access to the bus any more');
          return;
        }
        if (error instanceof BusAuthorizationError) credentials = null;
        failuresInARow = Date.now() - startedAt > WORKED_AFTER_MS ? 1 : failuresInARow + 1;
        const waitMs = chooseBackoffMs(BACKOFF, failuresInARow, Math.random());
        logger.warn({ err: error, failuresInARow, waitMs }, 'no bus; the agent polls');
        await sleep(waitMs, ending.signal);
      }
    }
  };
  const finished = run();

  return {
    isConnected: () => connection?.isConnected() ?? false,
    close: async () => {
      deps.signal.removeEventListener('abort', end);
      end();
      if (connection?.isConnected() === true) publishPresence(connection, 'leaving');
      await connection?.close();
      await finished;
    },
  };
}
