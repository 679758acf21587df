import { setTimeout as delay } from 'node:timers/promises';
import { registerAgent } from '@flotilla/contracts';
import { LOG_KEYS, type Logger } from '@flotilla/runtime';
import { createBusKeyPair, type BusCredentials } from '../shared/bus-credentials.ts';
import { chooseBackoffMs } from '../shared/choose-backoff.ts';
import type { CoreClient } from '../shared/core-client.ts';
import { CoreRefusalError, CoreUnavailableError } from '../shared/core-errors.ts';

/** The life of a join token: after that a person has to act anyway. */
const RETRY_FOR_MS = 600_000;
const BACKOFF = { firstMs: 1000, longestMs: 30_000 } as const;

/** The Core does not let this node in, or was away for too long. The message says what to do. */
export class RegistrationError extends Error {
  override readonly name = 'RegistrationError';
}

export interface Registration {
  readonly joinToken: string;
  readonly name: string;
  readonly version: string;
}

export interface RegisterDeps {
  readonly core: CoreClient;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  /** How long it is tried while the Core is away, in milliseconds. */
  readonly retryForMs?: number;
}

/** What the Core answers to a new node, with the private half of its bus key. */
export interface Enrolment {
  readonly agentId: string;
  readonly apiKey: string;
  readonly heartbeatIntervalMs: number;
  readonly bus: BusCredentials | null;
}

/**
 * Joins the fleet. Tries again while the Core is away, as long as a join token lives.
 * @throws RegistrationError; the signal's reason when it aborts
 */
export async function register(registration: Registration, deps: RegisterDeps): Promise<Enrolment> {
  const { core, logger, signal, retryForMs = RETRY_FOR_MS } = deps;
  const { publicKey, seed } = createBusKeyPair();
  const endsAt = Date.now() + retryForMs;
  for (let attempt = 1; ; attempt += 1) {
    try {
      const answer = await core.call(registerAgent, { ...registration, busPublicKey: publicKey }, { signal });
      logger.info({ [LOG_KEYS.agentId]: answer.agentId, [LOG_KEYS.agentName]: registration.name }, 'joined the fleet');
      return { ...answer, bus: answer.bus === null ? null : { ...answer.bus, seed } };
    } catch (error) {
      if (error instanceof CoreRefusalError) throw explainRefusal(error);
      if (!(error instanceof CoreUnavailableError)) throw error;
      const waitMs = chooseBackoffMs(BACKOFF, attempt, Math.random());
      if (Date.now() + waitMs > endsAt) {
        throw new RegistrationError(`could not register: ${error.message}; start again with a new join token`, {
          cause: error,
        });
      }
      logger.warn({ [LOG_KEYS.attempt]: attempt, waitMs, reason: error.message }, 'cannot register yet');
      await delay(waitMs, undefined, { signal });
    }
  }
}

function explainRefusal(error: CoreRefusalError): RegistrationError {
  const advice = error.status === 401 ? '; make a new join token in the dashboard and start again with it' : '';
  return new RegistrationError(`${error.message}${advice}`, { cause: error });
}
