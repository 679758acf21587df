import { agentInboxPrefix, type BusAccess } from '@flotilla/contracts';
import { listRevokedBusKeys, lockBusRevocations, type DatabaseSession } from '@flotilla/core-db';
import type { Logger } from '@flotilla/runtime';

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

  async admit(agentId: string, publicKey: string): Promise<BusAccess> {
    const jwt = await this.#deps.sign({ agentId, publicKey });
    return { urls: [...this.#deps.busUrls], jwt, inboxPrefix: agentInboxPrefix(agentId) };
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
