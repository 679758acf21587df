import { randomBytes } from 'node:crypto';
import type { ContainerSpec, ServiceReplicasReport } from '@flotilla/contracts';
import type { ReplicaGate } from '../shared/replica-gate.ts';
import { chooseServing, chooseShares } from './choose-shares.ts';
import { Failures } from './failures.ts';
import { formatIllness, formatServiceProblem } from './format-problem.ts';
import { formatReport } from './format-report.ts';
import { formatReplicaName } from './plan-container.ts';
import { planReplicas, type KnownReplica, type ReplicaAction, type ReplicasPlan } from './plan-replicas.ts';
import { Probes } from './probes.ts';
import type { ReplicaContainer } from './replica-docker.ts';
import {
  drainReplica,
  endFailed,
  makeReplica,
  ReplicaFailure,
  untilDone,
  type Users,
  type WorkDeps,
} from './replica-work.ts';
import type { RememberedService } from './replicas.repository.ts';
import { Roster } from './roster.ts';
import { isAlive, trackReplica, type TrackedReplica } from './tracked-replica.ts';
import type { Scale, WantedService } from './wanted-service.ts';

/** What is left of a service that nobody describes any more is drained for so long. */
const ORPHAN_USERS: Users = { drainMs: 30_000, ports: null };

export interface ServiceReplicasDeps extends Omit<WorkDeps, 'roster'> {
  readonly gate: ReplicaGate;
  /** Does the work when it is its turn: few containers are made at once, of all services together. */
  readonly inTurn: (work: () => Promise<void>) => Promise<void>;
  /** Something that is reported or remembered has changed. */
  readonly onChange: () => void;
}

/** A replica as its load is told. */
export interface RunningReplica {
  readonly containerId: string;
  readonly isReady: boolean;
  /** As Docker tells it; null while it is not known. */
  readonly startedAt: string | null;
}

/**
 * Keeps one service's replicas as they are wanted:
 *
 *     wanted, seen, probed, time ─▶ planReplicas ─▶ make · drain · end ─▶ (seen again) …
 *                                        └─▶ who is ready ─▶ roster ─▶ nginx
 *
 * All decisions are made in `#step`, one after the other; work that takes time runs beside them and asks for another step.
 */
export class ServiceReplicas {
  readonly #deps: ServiceReplicasDeps;
  readonly #work: WorkDeps;
  readonly #roster: Roster;
  readonly #replicas = new Map<string, TrackedReplica>();
  readonly #failures = new Failures();
  readonly #probes: Probes;
  readonly #running = new Set<Promise<void>>();
  #wanted: WantedService | null = null;
  #scale: Scale | null;
  #lastGood: RememberedService['lastGood'];
  #isLeaving = false;
  #isSeen = false;
  #isStepDue = false;
  #timer: NodeJS.Timeout | null = null;
  #planNumber = 0;
  #rollout: ServiceReplicasReport['rollout'] = 'progressing';

  constructor(deps: ServiceReplicasDeps, remembered: RememberedService | null) {
    this.#deps = deps;
    this.#roster = new Roster(deps);
    this.#work = { ...deps, roster: this.#roster };
    this.#probes = new Probes({ ...deps, onWork: (work) => this.#track(work) });
    this.#scale = remembered?.scale ?? null;
    this.#lastGood = remembered?.lastGood ?? null;
    this.#failures.restore(remembered?.failures ?? [], deps.clock());
    deps.signal.addEventListener('abort', () => this.#setTimer(null), { once: true });
  }

  /** The newest number that a task asked for. */
  get scale(): Scale | null {
    return this.#scale;
  }

  set scale(scale: Scale) {
    this.#scale = scale;
  }

  get wanted(): WantedService | null {
    return this.#isLeaving ? null : this.#wanted;
  }

  /** Docker has told which of its containers there are. */
  get isSeen(): boolean {
    return this.#isSeen;
  }

  /** Nothing is left of a service that is not wanted. */
  get isGone(): boolean {
    return this.#isLeaving && this.#isSeen && this.#replicas.size === 0;
  }

  get remembered(): RememberedService {
    const failures = [...this.#failures.all].map(([specification, { count, reason }]) => ({
      specification,
      count,
      reason,
    }));
    return { scale: this.#scale, lastGood: this.#lastGood, failures };
  }

  get replicas(): RunningReplica[] {
    return [...this.#replicas.values()].flatMap(({ containerId, phase, startedAt }) =>
      containerId !== null && isAlive(phase) ? [{ containerId, isReady: phase === 'ready', startedAt }] : [],
    );
  }

  /** Null before there is anything to tell. */
  readReport(dateOf: (time: number) => Date): ServiceReplicasReport | null {
    const wanted = this.#wanted;
    if (wanted === null || !this.#isSeen) return null;
    const replicas = [...this.#replicas.values()];
    const problem = formatServiceProblem(
      this.#rollout,
      this.#failures.all.get(wanted.specification)?.reason ?? '',
      this.#roster.problem,
    );
    const told = this.#isLeaving ? { ...wanted, count: 0 } : wanted;
    return formatReport({ wanted: told, rollout: this.#rollout, problem, replicas, dateOf });
  }

  want(wanted: WantedService): void {
    // Whoever saves the settings again wants another try.
    if (this.#wanted?.serviceRevision !== wanted.serviceRevision && this.#wanted !== null) {
      this.#failures.forget(wanted.specification);
    }
    this.#wanted = wanted;
    this.#isLeaving = false;
    this.#stepSoon();
  }

  /** All of them go. */
  leave(): void {
    this.#isLeaving = true;
    this.#stepSoon();
  }

  /**
   * What Docker has of this service.
   * @param readAt when it was asked: what has begun since is not in the answer
   */
  observe(containers: readonly ReplicaContainer[], readAt: number): void {
    const now = this.#deps.clock();
    const known = new Set([...this.#replicas.values()].map(({ containerId }) => containerId));
    for (const container of containers) {
      if (!known.has(container.id) && !this.#replicas.has(container.name)) this.#adopt(container, now);
    }
    const running = new Set(containers.filter(({ isRunning }) => isRunning).map(({ id }) => id));
    for (const replica of this.#replicas.values()) {
      const { containerId, phase, since } = replica;
      if (containerId === null || !isAlive(phase) || since > readAt || running.has(containerId)) continue;
      Object.assign(replica, { phase: 'dead', since: now, isUnasked: false });
    }
    this.#isSeen = true;
    this.#stepSoon();
  }

  /** Resolves when nothing is under way any more; the signal has to abort before. */
  async idle(): Promise<void> {
    await Promise.all([...this.#running, this.#roster.idle()]);
  }

  #adopt({ id, name, specification, isRunning }: ReplicaContainer, now: number): void {
    const replica = trackReplica(name, specification, {
      containerId: id,
      // What stood still when it was found is nobody's failure: the host was started anew, or an agent ended half-way.
      phase: isRunning ? 'starting' : 'stopping',
      since: now,
      isUnasked: isRunning,
    });
    this.#replicas.set(name, replica);
    if (!isRunning) this.#run(replica, async () => this.#deps.docker.remove(id, this.#deps.signal));
  }

  #stepSoon(): void {
    if (this.#isStepDue || this.#deps.signal.aborted) return;
    this.#isStepDue = true;
    setImmediate(() => {
      this.#isStepDue = false;
      if (!this.#deps.signal.aborted) this.#step();
    });
  }

  #step(): void {
    const now = this.#deps.clock();
    if (!this.#isSeen || (this.#wanted === null && !this.#isLeaving)) return;
    const health = this.#wanted?.settings.container.health ?? { kind: 'image' };
    const probeAt = this.#probes.askDue(this.#replicas.values(), { health, port: this.#wanted?.ports[0] }, now);
    const times: (number | null)[] = [probeAt];
    // Before each that was found has been asked, nobody knows whom to leave out.
    if ([...this.#replicas.values()].every(({ isUnasked }) => !isUnasked)) times.push(...this.#decide(now));
    this.#setTimer(Math.min(...times.filter((time): time is number => time !== null)));
    this.#deps.onChange();
  }

  /** @returns when to decide again, if nothing happens before */
  #decide(now: number): (number | null)[] {
    const stableAt = this.#failures.settle(this.#listReady(), now);
    const plan = this.#plan(now);
    this.#rollout = plan.rollout;
    this.#rememberGood(plan);
    this.#planNumber += 1;
    for (const action of plan.actions) this.#apply(action, now);
    const serving = chooseServing([...this.#replicas.values()]);
    const { shares, changesAt } = chooseShares(serving, this.#wanted?.settings.slowStartMs ?? 0, now);
    // Until the first is ready nginx serves what it served before there were replicas; it is not told that there is none.
    const hasServed = this.#roster.isKnown || shares.length > 0;
    if (hasServed || this.#isLeaving || this.#wanted?.count === 0) this.#roster.want(shares);
    return [stableAt, plan.wakeAt, changesAt];
  }

  #plan(now: number): ReplicasPlan {
    const rollout = this.#wanted?.settings.rollout ?? { maxSurge: 1, maxUnavailable: 0, readyTimeoutMs: 60_000 };
    return planReplicas(
      {
        wanted: this.#wanted?.specification ?? '',
        lastGood: this.#lastGood?.specification ?? null,
        count: this.#isLeaving ? 0 : (this.#wanted?.count ?? 0),
        rollout,
        replicas: [...this.#replicas.values()].map((replica) => describe(replica, now)),
        failures: this.#failures.all,
      },
      now,
    );
  }

  #rememberGood({ rollout, target }: ReplicasPlan): void {
    const wanted = this.#wanted;
    const isGood = rollout === 'settled' && wanted !== null && wanted.count > 0 && target === wanted.specification;
    if (!isGood || this.#isLeaving || this.#lastGood?.specification === target) return;
    this.#lastGood = { specification: target, container: wanted.settings.container };
  }

  #apply(action: ReplicaAction, now: number): void {
    if (action.kind === 'create') return this.#make(action.specification, now);
    const replica = this.#replicas.get(action.name);
    if (replica === undefined) return;
    if (action.kind === 'drain') this.#drain(replica, action.isFailure, now);
    else this.#end(replica, now);
  }

  #make(specification: string, now: number): void {
    const spec = this.#findSpec(specification);
    if (spec === null) return;
    const name = formatReplicaName(this.#deps.serviceId, randomBytes(4).toString('hex'));
    const replica = trackReplica(name, specification, { phase: 'pulling', since: now });
    this.#replicas.set(name, replica);
    const plan = this.#planNumber;
    this.#track(
      this.#deps
        .inTurn(() => makeReplica(replica, spec, this.#work))
        .catch((err: unknown) => {
          this.#replicas.delete(name);
          if (replica.ending.signal.aborted || this.#deps.signal.aborted) return;
          if (!(err instanceof ReplicaFailure)) throw err;
          this.#failures.add(specification, { now: this.#deps.clock(), plan, reason: err.message });
          this.#deps.logger.warn({ serviceId: this.#deps.serviceId, reason: err.message }, 'a replica was not made');
        }),
    );
  }

  #drain(replica: TrackedReplica, isFailure: boolean, now: number): void {
    if (isFailure) {
      const reason = formatIllness(replica.complaint);
      this.#failures.add(replica.specification, { now, plan: this.#planNumber, reason });
    }
    if (replica.containerId === null) {
      replica.ending.abort();
      this.#replicas.delete(replica.name);
      return;
    }
    Object.assign(replica, { phase: 'draining', since: now });
    const users =
      this.#wanted === null ? ORPHAN_USERS : { drainMs: this.#wanted.settings.drainMs, ports: this.#wanted.ports };
    this.#run(replica, () => drainReplica(replica, users, this.#work));
  }

  #end(replica: TrackedReplica, now: number): void {
    this.#failures.add(replica.specification, { now, plan: this.#planNumber });
    Object.assign(replica, { phase: 'stopping', since: now });
    const readyTimeoutMs = this.#wanted?.settings.rollout.readyTimeoutMs ?? 0;
    this.#run(replica, async () => {
      const reason = await endFailed(replica, readyTimeoutMs, this.#work);
      this.#failures.explain(replica.specification, reason);
      this.#deps.logger.warn(
        { serviceId: this.#deps.serviceId, replica: replica.name, reason },
        'a replica has failed',
      );
    });
  }

  /** Does the work until it is done, then forgets the replica. */
  #run(replica: TrackedReplica, work: () => Promise<void>): void {
    const forget = (isDone: boolean): void => {
      if (isDone) this.#replicas.delete(replica.name);
    };
    this.#track(untilDone(work, replica, this.#work).then(forget));
  }

  #track(work: Promise<void>): void {
    const tracked = work
      .catch((err: unknown) => this.#deps.logger.error({ err, serviceId: this.#deps.serviceId }, 'replicas'))
      .finally(() => {
        this.#running.delete(tracked);
        this.#stepSoon();
      });
    this.#running.add(tracked);
  }

  #listReady(): { specification: string; since: number }[] {
    return [...this.#replicas.values()].filter(({ phase }) => phase === 'ready');
  }

  #findSpec(specification: string): ContainerSpec | null {
    if (this.#wanted?.specification === specification) return this.#wanted.settings.container;
    return this.#lastGood?.specification === specification ? this.#lastGood.container : null;
  }

  /** @param at null or infinite for none */
  #setTimer(at: number | null): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    const isNever = at === null || at === Number.POSITIVE_INFINITY;
    this.#timer = isNever ? null : setTimeout(() => this.#stepSoon(), Math.max(0, at - this.#deps.clock()));
  }
}

function describe({ name, specification, phase, since }: TrackedReplica, now: number): KnownReplica {
  // An image may take long to come; the time to become ready begins with the container.
  if (phase === 'pulling') return { name, specification, phase: 'starting', since: now };
  return { name, specification, phase: phase === 'stopping' ? 'draining' : phase, since };
}
