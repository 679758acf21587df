import type { ScaleChangeRecord, ScaledService } from '@flotilla/core-db';
import { LOG_KEYS, type Logger } from '@flotilla/runtime';
import type { ScalingOutcome } from './decide/decide-replicas.ts';
import type { HistoryPoints } from './history-points.ts';
import type { NodeRooms } from './node-rooms.ts';
import type { AgentLoad } from './parse-load.ts';
import { planCommit, type CommitPlan } from './plan-commit.ts';
import type { ScalingFigures } from './scaling-figures.ts';
import { ServiceScaling } from './service-scaling.ts';

export interface PartitionDeps {
  readonly logger: Logger;
  readonly rooms: NodeRooms;
  readonly points: HistoryPoints;
  readonly figures: ScalingFigures;
  /** The partition is not ours any more. */
  readonly signal: AbortSignal;
  /** Stores a decision; null when it came too late, else the service's scale revision. Rejects when it could not be stored. */
  readonly store: (plan: CommitPlan) => Promise<number | null>;
  /** Whether decisions that change nothing are told: one whose windows are empty does not know what was told already. */
  readonly recordsHolds: boolean;
  /** Something of this partition changed that is not known here yet. */
  readonly onOvertaken: () => void;
}

/** The services of one partition in their owner's memory. */
export class Partition {
  readonly #deps: PartitionDeps;
  readonly #services = new Map<string, ServiceScaling>();
  readonly #inFlight = new Set<Promise<void>>();
  /** Nothing older is to be read any more: decisions count. */
  #isLive = false;

  constructor(deps: PartitionDeps) {
    this.#deps = deps;
  }

  /** Begins with what the database says, and with the changes since the oldest sample that is read again. */
  load(services: readonly ScaledService[], changes: readonly ScaleChangeRecord[]): void {
    const byService = Map.groupBy(changes, ({ serviceId }) => serviceId);
    for (const service of services) {
      const past = byService.get(service.serviceId) ?? [];
      this.#services.set(service.serviceId, new ServiceScaling(service, past));
    }
  }

  get services(): ScaledService[] {
    return [...this.#services.values()].map(({ service }) => service);
  }

  /**
   * Everything older was read: from now on decisions are stored. What was told last is decided on as well, unless it is stale by
   * now: the owner before may not have come to it.
   */
  goLive(now: number): void {
    this.#isLive = true;
    for (const service of this.#services.values()) {
      const sampledAt = service.findUnseenAt(now);
      if (sampledAt !== null) this.#evaluate(service, sampledAt);
    }
  }

  /** Takes over what the database says of services by now. */
  learn(news: readonly ScaledService[], now: number): void {
    for (const service of news) {
      const known = this.#services.get(service.serviceId);
      if (known === undefined) this.#services.set(service.serviceId, new ServiceScaling(service));
      else known.learn(service, now);
    }
  }

  /** Forgets the services that are not there any more. */
  keepOnly(serviceIds: ReadonlySet<string>): void {
    for (const id of this.#services.keys()) if (!serviceIds.has(id)) this.#services.delete(id);
  }

  /** Waits for what is being stored; call it when the signal has aborted. */
  async settle(): Promise<void> {
    await Promise.all(this.#inFlight);
  }

  /** Takes what a node told, and decides anew for each service of it. */
  observe({ agentId, sampledAt, intervalMs, services }: AgentLoad): void {
    const { figures } = this.#deps;
    for (const load of services) {
      const service = this.#services.get(load.serviceId);
      const fate = service?.observe(agentId, { sampledAt, intervalMs, load }) ?? 'foreign';
      if (service === undefined || fate === 'foreign') figures.load.add({ refusedValues: 1 });
      else if (fate === 'old') figures.load.add({ duplicates: 1 });
      else {
        figures.load.add({ rows: 1 });
        this.#evaluate(service, sampledAt);
      }
    }
    if (!this.#isLive) figures.countReplayed(services.length);
  }

  #evaluate(service: ServiceScaling, sampledAt: number): void {
    const { figures, logger, points, rooms, signal } = this.#deps;
    if (signal.aborted) return;
    if (service.isWaiting) {
      service.miss(sampledAt);
      return;
    }
    const { policy } = service.service;
    try {
      const capacity = policy === null ? null : rooms.countCapacity(service.service, policy);
      const outcome = service.evaluate(sampledAt, capacity, { isReplay: !this.#isLive });
      if (!this.#isLive) return;
      const point = service.takePoint(sampledAt, outcome);
      if (point !== null) points.add(point);
      const plan = outcome && this.#plan(service.service, outcome);
      if (outcome !== null && plan !== null) this.#keep(this.#storeAndGoOn(service, outcome, plan));
    } catch (err) {
      figures.countFailed();
      logger.error({ err, [LOG_KEYS.serviceId]: service.service.serviceId }, 'cannot decide the number of replicas');
    }
  }

  #plan(service: ScaledService, { decision }: ScalingOutcome): CommitPlan | null {
    const { policy } = service;
    if (decision === null || policy === null) return null;
    if (decision.outcome !== 'scaled' && !this.#deps.recordsHolds) return null;
    const placement = decision.outcome === 'scaled' ? this.#deps.rooms.place(decision.to, service, policy) : null;
    return planCommit(service, decision, placement);
  }

  #keep(storing: Promise<void>): void {
    this.#inFlight.add(storing);
    void storing.finally(() => this.#inFlight.delete(storing));
  }

  /** What came meanwhile is decided on at once. */
  async #storeAndGoOn(service: ServiceScaling, outcome: ScalingOutcome, plan: CommitPlan): Promise<void> {
    await this.#store(service, outcome, plan);
    const { missedAt } = service;
    if (missedAt !== null && !service.isWaiting) this.#evaluate(service, missedAt);
  }

  async #store(service: ServiceScaling, { decision }: ScalingOutcome, plan: CommitPlan): Promise<void> {
    const { figures, logger, onOvertaken, store } = this.#deps;
    const { serviceId } = service.service;
    service.beginCommit();
    try {
      const scaleRevision = await store(plan);
      if (scaleRevision === null) {
        figures.countOvertaken();
        service.abandonCommit({ isOvertaken: plan.kind === 'scale' });
        onOvertaken();
        return;
      }
      if (decision !== null) figures.countDecision(decision.outcome);
      if (plan.kind === 'record') service.abandonCommit({ isOvertaken: false });
      else {
        const { nodes, decision: done } = plan.commit;
        service.endCommit({ scaleRevision, nodes, from: done.from, to: done.to, at: done.at.getTime() });
      }
    } catch (err) {
      figures.countFailed();
      service.abandonCommit({ isOvertaken: false });
      logger.warn(
        { err, [LOG_KEYS.serviceId]: serviceId },
        'cannot store a decision; deciding anew with the next sample',
      );
    }
  }
}
