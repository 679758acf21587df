import type { LoadMessage } from '@flotilla/contracts';
import {
  isDatabaseUnavailable,
  listChangedServices,
  listScaleChanges,
  type Database,
  type ScaledService,
} from '@flotilla/core-db';
import type { Logger } from '@flotilla/runtime';
import { applyDecision, recordDecision } from './apply-decision.ts';
import type { ScalingOutcome } from './decide/decide-replicas.ts';
import { HistoryPoints } from './history-points.ts';
import { NodeRooms } from './node-rooms.ts';
import { ServiceScaler } from './service-scaler.ts';

/** A node's clock may be wrong by so much; what is told of another time says nothing of now. */
const MOST_SKEW_MS = 600_000;

export interface PartitionScalerDeps {
  readonly database: Database;
  readonly partition: number;
  /** The node has something to do. */
  readonly wake: (agentId: string) => void;
  readonly logger: Logger;
  /** Aborts when the partition is no longer this process's. */
  readonly signal: AbortSignal;
}

export interface ReceivedLoad {
  /** From the subject, where the bus's server enforces it. */
  readonly agentId: string;
  /** When the bus stored it, in milliseconds since the epoch. */
  readonly storedAt: number;
  readonly message: LoadMessage;
}

/** What came of a message, for the figures. */
export interface LoadOutcome {
  /** Services that were evaluated. */
  readonly evaluated: number;
  /** Services of other nodes, other times, or without a policy. */
  readonly ignored: number;
}

/** Decides for the services of one partition, one message after the other. */
export class PartitionScaler {
  readonly #deps: PartitionScalerDeps;
  readonly #services = new Map<string, ServiceScaler>();
  readonly #rooms: NodeRooms;
  readonly #points: HistoryPoints;
  #sinceXid = '0';
  #isReplaying = true;

  constructor(deps: PartitionScalerDeps) {
    this.#deps = deps;
    this.#rooms = new NodeRooms(deps.database);
    this.#points = new HistoryPoints(deps.database);
  }

  /** Reads the services, and goes back to the time that the stream is read from. */
  async open(since: Date): Promise<void> {
    await this.refresh();
    const changes = await listScaleChanges(this.#deps.database.manager, [...this.#services.keys()], since);
    const byService = Map.groupBy(changes, ({ serviceId }) => serviceId);
    for (const [serviceId, scaler] of this.#services) {
      scaler.rewind((byService.get(serviceId) ?? []).map(({ at, from, to }) => ({ at: at.getTime(), from, to })));
    }
  }

  /** What is received from here on is new, and is acted on. */
  arrive(): void {
    this.#isReplaying = false;
    for (const scaler of this.#services.values()) scaler.arrive();
  }

  /** Learns which services, policies and numbers have changed. */
  async refresh(): Promise<void> {
    const { database, partition } = this.#deps;
    const { services, seenXid } = await listChangedServices(database.manager, [partition], this.#sinceXid);
    for (const service of services) this.#learn(service);
    this.#sinceXid = seenXid;
    await this.#rooms.refresh(
      [...this.#services.values()].map((scaler) => scaler.service),
      performance.now(),
    );
  }

  /** Writes what waits to be written. */
  flush(): Promise<void> {
    return this.#points.flush();
  }

  /** Takes a message in, and acts on what it asks for. Rejects only when what it decides cannot be written. */
  async receive({ agentId, storedAt, message }: ReceivedLoad): Promise<LoadOutcome> {
    const { sampledAt, intervalMs, services } = message;
    if (Math.abs(sampledAt - storedAt) > MOST_SKEW_MS) return { evaluated: 0, ignored: services.length };
    let evaluated = 0;
    for (const load of services) {
      const scaler = this.#services.get(load.serviceId);
      const isNews = scaler?.receive(agentId, { sampledAt, intervalMs, load }) ?? false;
      if (scaler === undefined || !isNews || scaler.service.policy === null) continue;
      evaluated += 1;
      await this.#evaluate(scaler);
    }
    return { evaluated, ignored: services.length - evaluated };
  }

  #learn(service: ScaledService): void {
    const present = this.#services.get(service.serviceId);
    if (service.nodes.length === 0) {
      this.#services.delete(service.serviceId);
      this.#points.forget(service.serviceId);
    } else if (present === undefined) this.#services.set(service.serviceId, new ServiceScaler(service));
    // What was committed here comes back as news, and is none.
    else if (service.scaleRevision >= present.service.scaleRevision) present.update(service, Date.now());
  }

  async #evaluate(scaler: ServiceScaler): Promise<void> {
    const { service } = scaler;
    const { policy } = service;
    if (policy === null) return;
    const outcome = scaler.evaluate(policy, this.#rooms.countCapacity(service, policy));
    if (this.#isReplaying) return;
    this.#points.add(service.serviceId, scaler.wanted, outcome.evaluation);
    if (outcome.decision !== null && !this.#deps.signal.aborted) await this.#act(scaler, outcome.decision);
  }

  async #act(scaler: ServiceScaler, decision: NonNullable<ScalingOutcome['decision']>): Promise<void> {
    const { database, logger, wake } = this.#deps;
    const { service } = scaler;
    try {
      if (decision.outcome !== 'scaled' || service.policy === null) {
        await recordDecision(database, service, decision);
        return;
      }
      const placement = this.#rooms.place(decision.to, service, service.policy);
      if (placement.placed === scaler.wanted) return;
      const changed = await applyDecision(database, { service, decision, placement });
      if (changed === null) {
        logger.info({ serviceId: service.serviceId }, 'somebody else changed the number of replicas meanwhile');
        return;
      }
      scaler.commit(Date.parse(decision.at), changed);
      for (const { agentId } of changed.nodes) wake(agentId);
      const { serviceId, name, scaleRevision } = changed;
      logger.info({ serviceId, name, from: decision.from, to: placement.placed, scaleRevision }, 'scaled');
    } catch (err) {
      if (!isDatabaseUnavailable(err)) throw err;
      // Nothing is committed; the next sample asks for the same again.
      logger.warn({ err, serviceId: service.serviceId }, 'a decision waits for the database');
    }
  }
}
