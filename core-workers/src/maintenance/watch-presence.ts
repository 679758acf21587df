import { entityId, MAX_PRESENCE_BYTES, parseAgentSubject, presenceMessage, subjects } from '@flotilla/contracts';
import { inTransaction, markLeavingAgentOffline, type Database } from '@flotilla/core-db';
import { LOG_KEYS, type BusConnection, type Logger } from '@flotilla/runtime';
import type { Msg } from '@nats-io/transport-node';
import { parseMessage } from '../consumer/parse-message.ts';

/** Of the processes that share this name, one gets each message. */
const QUEUE = 'maintenance-presence';

export interface PresenceDeps {
  readonly database: Database;
  readonly bus: Pick<BusConnection, 'nats'>;
  readonly logger: Logger;
}

/**
 * Takes agents offline that say goodbye, until the signal aborts. A goodbye that gets lost costs nothing but time: the
 * agent's silence is noticed.
 */
export function watchPresence(deps: PresenceDeps, signal: AbortSignal): { readonly finished: Promise<void> } {
  const subscription = deps.bus.nats.subscribe(subjects.allAgentPresence, { queue: QUEUE });
  signal.addEventListener('abort', () => subscription.unsubscribe(), { once: true });
  if (signal.aborted) subscription.unsubscribe();
  return {
    finished: (async () => {
      for await (const message of subscription) {
        try {
          await applyPresence(deps, message);
        } catch (err) {
          deps.logger.warn(
            { err, [LOG_KEYS.subject]: message.subject },
            'cannot take an agent offline; its silence will',
          );
        }
      }
    })(),
  };
}

async function applyPresence({ database, logger }: PresenceDeps, { subject, data }: Msg): Promise<void> {
  // From the subject, which the server enforced; what the body might say of it is not read.
  const agentId = entityId.safeParse(parseAgentSubject(subject));
  const presence =
    data.length > MAX_PRESENCE_BYTES
      ? { ok: false as const, reason: `has more than ${MAX_PRESENCE_BYTES} bytes` }
      : parseMessage(presenceMessage, data);
  if (!agentId.success || !presence.ok) {
    const reason = presence.ok ? 'names no agent' : presence.reason;
    logger.warn({ [LOG_KEYS.subject]: subject, reason }, 'ignored a presence message');
    return;
  }
  if (presence.value.state !== 'leaving') return;
  const { sessionId } = presence.value;
  const departed = await inTransaction(database, (tx) =>
    markLeavingAgentOffline(tx, { agentId: agentId.data, sessionId }),
  );
  if (departed === null) return;
  logger.info({ [LOG_KEYS.agentId]: departed.id, [LOG_KEYS.agentName]: departed.name }, 'an agent has left');
}
