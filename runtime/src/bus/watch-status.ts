import type { NatsConnection } from '@nats-io/nats-core';
import type { Logger } from '../logging/create-logger.ts';
import type { ReconnectBackoff } from './reconnect-backoff.ts';

export interface StatusWatch {
  readonly nats: NatsConnection;
  readonly backoff: ReconnectBackoff;
  readonly logger: Logger;
  readonly onStateChange: (isConnected: boolean) => void;
}

/** Logs what happens to the connection until it is closed. */
export async function watchStatus({ nats, backoff, logger, onStateChange }: StatusWatch): Promise<void> {
  for await (const status of nats.status()) {
    switch (status.type) {
      case 'disconnect':
        logger.warn({ server: status.server }, 'lost the bus, reconnecting');
        onStateChange(false);
        break;
      case 'reconnecting':
        backoff.recordAttempt();
        logger.debug({ attempt: backoff.attempts }, 'trying to reach the bus');
        break;
      case 'reconnect':
        backoff.reset();
        logger.info({ server: status.server }, 'connected to the bus again');
        onStateChange(true);
        break;
      case 'error':
        logger.error({ err: status.error }, 'the bus reports an error');
        break;
      case 'slowConsumer':
        logger.warn({ subject: status.sub.getSubject(), pending: status.pending }, 'messages come faster than handled');
        break;
      case 'staleConnection':
        logger.warn('the bus does not answer pings');
        break;
      case 'close':
      case 'forceReconnect':
      case 'ldm':
      case 'ping':
      case 'update':
        logger.debug({ status: status.type }, 'bus status');
    }
  }
}
