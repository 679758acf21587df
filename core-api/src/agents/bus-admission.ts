import { agentInboxPrefix, type BusAccess } from '@flotilla/contracts';
import {
  isBusKeyRevoked,
  isUniqueViolation,
  listRevokedBusKeys,
  lockBusRevocations,
  type DatabaseSession,
} from '@flotilla/core-db';
import { LOG_KEYS, type Logger } from '@flotilla/runtime';
import { BadRequest } from '../http/index.ts';

export interface BusAdmissionDeps {
  readonly inTransaction: <Value>(work: (tx: DatabaseSession) => Promise<Value>) => Promise<Value>;
  readonly log: Logger;
  readonly busUrls: readonly string[];
  readonly sign: (agent: { agentId: string; publicKey: string }) => Promise<string>;
  /** Makes the bus refuse these keys and no others. Rejects while the bus is away. */
  readonly pushRevocations: (revoked: readonly { publicKey: string; revokedAt: Date }[]) => Promise<void>;
}

/** Lets agents onto the bus and keeps removed ones off it. */
export class BusAdmission {
  readonly #deps: BusAdmissionDeps;
  /** The bus may not know of all revocations: at the start, and after a push that failed. */
  #isBehind = true;

  constructor(deps: BusAdmissionDeps) {
    this.#deps = deps;
  }

  /**
   * Signs an agent's key. What the agent gets is good as soon as the transaction that stores the key is.
   * @throws BadRequest when the key is none, or was revoked
   */
  async admit(tx: DatabaseSession, agentId: string, publicKey: string): Promise<BusAccess> {
    // A JWT that is issued after the revocation would be let in again.
    if (await isBusKeyRevoked(tx, publicKey)) throw refuseKey('was revoked; make a new key pair');
    return {
      urls: [...this.#deps.busUrls],
      jwt: await this.#sign(agentId, publicKey),
      inboxPrefix: agentInboxPrefix(agentId),
    };
  }

  async #sign(agentId: string, publicKey: string): Promise<string> {
    try {
      return await this.#deps.sign({ agentId, publicKey });
    } catch (err) {
      this.#deps.log.warn({ err, [LOG_KEYS.agentId]: agentId }, 'could not sign a bus key');
      throw refuseKey('is no NATS user public key: its checksum is wrong');
    }
  }

  /** Catches up with what the bus does not know. Rejects while the bus is away; call it again and again. */
  async catchUp(): Promise<void> {
    if (this.#isBehind) await this.#syncRevocations();
  }

  async #syncRevocations(): Promise<void> {
    this.#isBehind = true;
    await this.#deps.inTransaction(async (tx) => {
      await lockBusRevocations(tx);
      await this.#deps.pushRevocations(await listRevokedBusKeys(tx));
    });
    this.#isBehind = false;
  }

  /** Pushes the stored revocations. While the bus is away that waits for `catchUp`: no request fails because of it. */
  async revokeStored(): Promise<void> {
    try {
      await this.#syncRevocations();
    } catch (err) {
      this.#deps.log.error({ err }, 'the bus did not take the revocations; trying again');
    }
  }
}

/**
 * Runs a transaction that stores an agent's bus key.
 * @throws BadRequest when another agent has that key: it could not use it, but it could have it revoked
 */
export async function refuseForeignKey<Value>(store: () => Promise<Value>): Promise<Value> {
  try {
    return await store();
  } catch (error) {
    if (isUniqueViolation(error, 'agents_bus_public_key')) throw refuseKey('is of another node; make a new key pair');
    throw error;
  }
}

function refuseKey(message: string): BadRequest {
  return new BadRequest(`The bus key ${message}.`, [{ field: 'busPublicKey', message }]);
}
