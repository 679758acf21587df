import { BoundedMap } from './bounded-map.ts';
import { DecayingCount } from './decaying-count.ts';
import type { ClientVolume, NodeTraffic } from './observation.ts';

const TEN_MINUTES_MS = 600_000;
/** With it a steady client's count is what it sends in ten minutes. */
export const LEDGER_HALF_LIFE_MS = TEN_MINUTES_MS * Math.LN2;

interface ClientTraffic {
  readonly all: DecayingCount;
  readonly ordinary: DecayingCount;
}

/** What clients and nodes sent in the last ten minutes or so, to judge by what rules would refuse. */
export class TrafficLedger {
  readonly #clients: BoundedMap<string, ClientTraffic>;
  readonly #nodes = new Map<string, NodeTraffic>();

  constructor(capacity: number) {
    this.#clients = new BoundedMap(capacity);
  }

  /** @param key the client, or a network that it is in */
  note(key: string, { count, ordinary, timeMs }: ClientVolume): void {
    const known = this.#clients.get(key);
    const traffic = known ?? {
      all: new DecayingCount(LEDGER_HALF_LIFE_MS),
      ordinary: new DecayingCount(LEDGER_HALF_LIFE_MS),
    };
    if (known === undefined) this.#clients.set(key, traffic);
    traffic.all.add(count, timeMs);
    traffic.ordinary.add(ordinary, timeMs);
  }

  noteNode(traffic: NodeTraffic): void {
    this.#nodes.set(traffic.nodeId, traffic);
  }

  /** All requests of it; null when nothing is known of it. */
  requestsOf(key: string, timeMs: number): number | null {
    return this.#clients.get(key)?.all.at(timeMs) ?? null;
  }

  /** Those that nothing was suspicious about; 0 of one that told of none. */
  ordinaryOf(key: string, timeMs: number): number {
    return this.#clients.get(key)?.ordinary.at(timeMs) ?? 0;
  }

  /** Of all nodes that told in the last ten minutes; null when none did. */
  totals(timeMs: number): { ordinaryRequests: number; clients: number } | null {
    const told = [...this.#nodes.values()].filter((node) => node.timeMs > timeMs - TEN_MINUTES_MS);
    if (told.length === 0) return null;
    return {
      ordinaryRequests: told.reduce((sum, { ordinaryRequests }) => sum + ordinaryRequests, 0),
      clients: told.reduce((sum, { clients }) => sum + clients, 0),
    };
  }
}
