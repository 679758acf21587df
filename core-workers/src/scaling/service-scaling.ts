import type { ServiceLoad } from '@flotilla/contracts';
import type { ScaleChangeRecord, ScaledService, ScalingPointRow } from '@flotilla/core-db';
import { decideReplicas, type ScalingOutcome } from './decide/decide-replicas.ts';
import { STALE_AFTER_INTERVALS, type NodeSample, type ScalingInput } from './decide/scaling-input.ts';
import { recordScale, type ScalingState } from './decide/scaling-state.ts';

const POINT_INTERVAL_MS = 15_000;

/** One service in the memory of its partition's owner: its samples, its windows, and what is asked for. */
export class ServiceScaling {
  #service: ScaledService;
  readonly #samples = new Map<string, NodeSample>();
  #state: ScalingState | null = null;
  /** Changes of the number that are still to come while older samples are read again, oldest first. */
  #past: ScaleChangeRecord[] = [];
  /** What was read of the database while a decision was being stored. */
  #news: ScaledService | null = null;
  /** Until the first sample that is decided on now. */
  #isReplay = true;
  #isCommitting = false;
  #isOvertaken = false;
  #pointAt = Number.NEGATIVE_INFINITY;
  /** Event time of the newest sample that came while it waited. */
  #missedAt: number | null = null;

  constructor(service: ScaledService, past: readonly ScaleChangeRecord[] = []) {
    this.#service = service;
    this.#past = [...past];
  }

  get service(): ScaledService {
    return this.#service;
  }

  /** A decision is being stored, or came too late and what overtook it is not known yet: nothing is decided meanwhile. */
  get isWaiting(): boolean {
    return this.#isCommitting || this.#isOvertaken;
  }

  /** A sample came that cannot be decided on now. */
  miss(sampledAt: number): void {
    this.#missedAt = sampledAt;
  }

  get missedAt(): number | null {
    return this.#missedAt;
  }

  /** What is asked for; while older samples are read again, what was asked for then. */
  get wanted(): number {
    return this.#past[0]?.from ?? sumCounts(this.#service);
  }

  /** Takes what a node told; only nodes that the service lives on count, and only what is newer. */
  observe(
    agentId: string,
    sample: { sampledAt: number; intervalMs: number; load: ServiceLoad },
  ): 'new' | 'old' | 'foreign' {
    if (!this.#service.nodes.some((node) => node.agentId === agentId)) return 'foreign';
    const before = this.#samples.get(agentId);
    if (before !== undefined && before.sampledAt >= sample.sampledAt) return 'old';
    this.#samples.set(agentId, sample);
    return 'new';
  }

  /**
   * Decides on what is known. What comes of it counts from the next evaluation on, but a change of the number only after
   * `endCommit`. Null without a policy.
   * @param now event time of the newest sample
   * @param options.isReplay the sample is an old one: what was changed after it is not known yet
   * @throws what `decideReplicas` throws
   */
  evaluate(now: number, capacity: number | null, { isReplay }: { readonly isReplay: boolean }): ScalingOutcome | null {
    this.#missedAt = null;
    this.#isReplay = isReplay;
    if (this.#service.policy === null) {
      this.#past = [];
      return null;
    }
    // A state that the changes before it can be told to.
    const isFirst = this.#state === null && this.#past.length > 0;
    if (isFirst) this.#state = { ...this.#decide(this.#service.policy, now, capacity).state, holds: [] };
    this.#replayChanges(isReplay ? now : Number.POSITIVE_INFINITY);
    const outcome = this.#decide(this.#service.policy, now, capacity);
    this.#state = outcome.state;
    return outcome;
  }

  #decide(policy: NonNullable<ScaledService['policy']>, now: number, capacity: number | null): ScalingOutcome {
    const { nodes, policyRevision } = this.#service;
    const { wanted } = this;
    const input: ScalingInput = {
      policy,
      policyKey: String(policyRevision),
      wanted,
      nodes: nodes.map(({ agentId, count }) => ({
        wanted: nodes.length === 1 ? wanted : count,
        sample: this.#samples.get(agentId) ?? null,
      })),
      capacity,
      state: this.#state,
    };
    return decideReplicas(input, now);
  }

  /** Tells the state of the changes that came before a time. */
  #replayChanges(until: number): void {
    for (let [change] = this.#past; change !== undefined && change.at.getTime() < until; [change] = this.#past) {
      this.#record(change.from, change.to, change.at.getTime());
      this.#past.shift();
    }
  }

  #record(from: number, to: number, at: number): void {
    if (this.#state !== null) this.#state = recordScale(this.#state, { from, to, at });
  }

  /** A point for the chart, when it is time for one. */
  takePoint(now: number, outcome: ScalingOutcome | null): ScalingPointRow | null {
    if (now - this.#pointAt < POINT_INTERVAL_MS) return null;
    this.#pointAt = now;
    const { evaluation } = outcome ?? {};
    return {
      serviceId: this.#service.serviceId,
      at: new Date(now),
      wanted: this.wanted,
      ready: evaluation === undefined ? this.#countReady(now) : evaluation.ready,
      targets: evaluation?.targets ?? [],
      activeSchedule: evaluation?.activeSchedule ?? null,
    };
  }

  #countReady(now: number): number | null {
    const fresh = this.#listFresh(now);
    if (fresh.length === 0) return null;
    return fresh.reduce((sum, { load }) => sum + load.replicas.filter(({ isReady }) => isReady).length, 0);
  }

  /** Event time of the newest sample that nobody can have acted on yet; null when there is none, or it is stale. */
  findUnseenAt(now: number): number | null {
    const newest = Math.max(Number.NEGATIVE_INFINITY, ...this.#listFresh(now).map(({ sampledAt }) => sampledAt));
    const changedAt = this.#past.at(-1)?.at.getTime() ?? Number.NEGATIVE_INFINITY;
    return newest > changedAt ? newest : null;
  }

  #listFresh(now: number): NodeSample[] {
    return [...this.#samples.values()].filter(
      ({ sampledAt, intervalMs }) => now - sampledAt <= STALE_AFTER_INTERVALS * intervalMs,
    );
  }

  beginCommit(): void {
    this.#isCommitting = true;
  }

  /** The decision is stored: the number is another one from now on. */
  endCommit(done: {
    scaleRevision: number;
    nodes: ScaledService['nodes'];
    from: number;
    to: number;
    at: number;
  }): void {
    this.#record(done.from, done.to, done.at);
    this.#service = { ...this.#service, scaleRevision: done.scaleRevision, nodes: done.nodes };
    this.#finishCommit();
  }

  /** It was not stored: it came too late (then the news is waited for), or could not be; the next sample decides anew. */
  abandonCommit({ isOvertaken }: { readonly isOvertaken: boolean }): void {
    this.#isOvertaken = isOvertaken;
    this.#finishCommit();
  }

  #finishCommit(): void {
    this.#isCommitting = false;
    const news = this.#news;
    this.#news = null;
    if (news !== null) this.learn(news, Date.now());
  }

  /** Takes over what the database says by now; what is older than what is known already is left out. */
  learn(news: ScaledService, now: number): void {
    if (this.#isCommitting) {
      this.#news = news;
      return;
    }
    const known = this.#service;
    const isNewScale = news.scaleRevision > known.scaleRevision;
    const isNewPolicy = news.policyRevision > known.policyRevision;
    if (isNewScale || isNewPolicy) this.#isOvertaken = false;
    const from = sumCounts(known);
    this.#service = {
      ...news,
      ...(!isNewScale && { scaleRevision: known.scaleRevision, nodes: known.nodes }),
      ...(!isNewPolicy && { policyRevision: known.policyRevision, policy: known.policy }),
    };
    if (this.#service.policy === null) this.#state = null;
    if (isNewScale) this.#learnScale(from, now);
    const agents = new Set(this.#service.nodes.map(({ agentId }) => agentId));
    for (const agentId of this.#samples.keys()) if (!agents.has(agentId)) this.#samples.delete(agentId);
  }

  #learnScale(from: number, now: number): void {
    const { serviceId, scaleRevision } = this.#service;
    const to = sumCounts(this.#service);
    if (this.#isReplay) this.#past.push({ serviceId, scaleRevision, at: new Date(now), from, to });
    else this.#record(from, to, Math.max(now, this.#state?.at ?? 0));
  }
}

function sumCounts({ nodes }: Pick<ScaledService, 'nodes'>): number {
  return nodes.reduce((sum, { count }) => sum + count, 0);
}
