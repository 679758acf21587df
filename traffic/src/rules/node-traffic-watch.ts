import { DecayingCount } from './decaying-count.ts';
import { DistinctHashes } from './distinct-hashes.ts';
import { hashText } from './hash-text.ts';
import type { NodeTraffic } from './observation.ts';
import { LEDGER_HALF_LIFE_MS } from './traffic-ledger.ts';

const TEN_MINUTES_MS = 600_000;
/** More than are counted one by one: they are estimated, to 8 % or so. */
const MANY_CLIENTS = 1_000_000;

/** What one node serves, for `SuspectsMessage.node`: what bans are held against so that no rule bans everybody. */
export class NodeTrafficWatch {
  readonly #ordinary = new DecayingCount(LEDGER_HALF_LIFE_MS);
  readonly #clients = new DistinctHashes(MANY_CLIENTS, TEN_MINUTES_MS);

  /** A request that nothing was suspicious about. */
  noteOrdinary(timeMs: number): void {
    this.#ordinary.add(1, timeMs);
  }

  /** Again at least every ten minutes while it is there. @param client a key as `clientKeyOf` gives it */
  noteClient(client: string, timeMs: number): void {
    this.#clients.add(hashText(client), timeMs);
  }

  tell(nodeId: string, timeMs: number): NodeTraffic {
    return {
      timeMs,
      nodeId,
      ordinaryRequests: Math.round(this.#ordinary.at(timeMs)),
      clients: this.#clients.count(timeMs),
    };
  }
}
