import type { ScalingPolicy } from '@flotilla/contracts';
import type { ScaledService } from '@flotilla/core-db';
import { decideReplicas, type ScalingOutcome } from './decide/decide-replicas.ts';
import type { NodeSample } from './decide/scaling-input.ts';
import { recordScale, type ScalingState } from './decide/scaling-state.ts';

/** Another number of replicas, by whomever. Times are milliseconds since the epoch. */
export interface ScaleChangeSeen {
  readonly at: number;
  readonly from: number;
  readonly to: number;
}

/** What is known of one service, and what follows from it. */
export class ServiceScaler {
  readonly #samples = new Map<string, NodeSample>();
  #service: ScaledService;
  #state: ScalingState | null = null;
  /** While what happened before is gone through again: the number as it was then, and what is still to come. */
  #replay: { wanted: number; readonly changes: ScaleChangeSeen[] } | null = null;

  constructor(service: ScaledService) {
    this.#service = service;
  }

  get service(): ScaledService {
    return this.#service;
  }

  /** Replicas that are asked for, over all nodes. */
  get wanted(): number {
    return this.#service.nodes.reduce((sum, { count }) => sum + count, 0);
  }

  /** Goes back to before the changes, oldest first, which are met again as time goes on. */
  rewind(changes: readonly ScaleChangeSeen[]): void {
    this.#replay = { wanted: changes[0]?.from ?? this.wanted, changes: [...changes] };
  }

  /** From here on it is now. */
  arrive(): void {
    for (const change of this.#replay?.changes ?? []) this.#record(change);
    this.#replay = null;
  }

  /** Another policy, place or number, as the database has it. */
  update(service: ScaledService, now: number): void {
    const from = this.wanted;
    const isOther = service.scaleRevision !== this.#service.scaleRevision;
    this.#service = service;
    if (isOther && this.#replay === null) this.#record({ at: now, from, to: this.wanted });
    for (const agentId of this.#samples.keys()) {
      if (!service.nodes.some((node) => node.agentId === agentId)) this.#samples.delete(agentId);
    }
  }

  /** Keeps a node's sample. @returns false for one that tells nothing new, or of a node that the service is not on */
  receive(agentId: string, sample: NodeSample): boolean {
    if (!this.#service.nodes.some((node) => node.agentId === agentId)) return false;
    const before = this.#samples.get(agentId);
    if (before !== undefined && before.sampledAt >= sample.sampledAt) return false;
    this.#samples.set(agentId, sample);
    return true;
  }

  /**
   * What the newest samples ask for.
   * @param capacity most replicas that the nodes have room for; null when that is not known
   */
  evaluate(policy: ScalingPolicy, capacity: number | null): ScalingOutcome {
    const now = Math.max(...[...this.#samples.values()].map(({ sampledAt }) => sampledAt));
    const replay = this.#replay;
    while (replay?.changes[0] !== undefined && replay.changes[0].at <= now) {
      const [change] = replay.changes.splice(0, 1);
      if (change === undefined) break;
      this.#record(change);
      replay.wanted = change.to;
    }
    const { nodes, policyRevision } = this.#service;
    const [only] = nodes;
    const outcome = decideReplicas(
      {
        policy,
        policyKey: String(policyRevision),
        wanted: replay?.wanted ?? this.wanted,
        nodes: nodes.map(({ agentId, count }) => ({
          // The history has sums only; for a service of one node that is the node's.
          wanted: replay !== null && nodes.length === 1 && only !== undefined ? replay.wanted : count,
          sample: this.#samples.get(agentId) ?? null,
        })),
        capacity,
        state: this.#state,
      },
      now,
    );
    this.#state = outcome.state;
    return outcome;
  }

  /** The number that was decided is committed. */
  commit(at: number, service: ScaledService): void {
    const from = this.wanted;
    this.#service = service;
    this.#record({ at, from, to: this.wanted });
  }

  #record(change: ScaleChangeSeen): void {
    if (this.#state !== null) this.#state = recordScale(this.#state, change);
  }
}
