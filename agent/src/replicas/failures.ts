import type { StartFailures } from './plan-replicas.ts';

/** A replica that has been ready for so long shows that its specification starts. */
const STABLE_MS = 60_000;

export interface KnownFailure extends StartFailures {
  readonly reason: string;
}

/** Failures in a row, by specification. */
export class Failures {
  readonly #failures = new Map<string, KnownFailure>();
  /** The last plan at which one of a specification was counted. */
  readonly #countedAt = new Map<string, number>();

  get all(): ReadonlyMap<string, KnownFailure> {
    return this.#failures;
  }

  /**
   * One more, of which the reason may be told later.
   * @param plan number of the plan that it comes of: those of one plan count once
   */
  add(specification: string, { now, plan, reason = '' }: { now: number; plan: number; reason?: string }): void {
    if (this.#countedAt.get(specification) === plan) return this.explain(specification, reason);
    this.#countedAt.set(specification, plan);
    const before = this.#failures.get(specification);
    this.#failures.set(specification, {
      count: (before?.count ?? 0) + 1,
      lastAt: now,
      reason: reason === '' ? (before?.reason ?? '') : reason,
    });
  }

  explain(specification: string, reason: string): void {
    const failure = this.#failures.get(specification);
    if (failure !== undefined && reason !== '') this.#failures.set(specification, { ...failure, reason });
  }

  forget(specification: string): void {
    this.#failures.delete(specification);
    this.#countedAt.delete(specification);
  }

  /** As an agent before this one left them: their waits begin anew. */
  restore(failures: readonly { specification: string; count: number; reason: string }[], now: number): void {
    for (const { specification, count, reason } of failures) {
      this.#failures.set(specification, { count, reason, lastAt: now });
    }
  }

  /**
   * Forgets failures of what has proved to start.
   * @param ready since when replicas of each specification have been ready
   * @returns when there is something to forget next; null for never
   */
  settle(ready: readonly { readonly specification: string; readonly since: number }[], now: number): number | null {
    const due: number[] = [];
    for (const [specification, { lastAt }] of this.#failures) {
      const since = ready.filter((one) => one.specification === specification).map((one) => one.since);
      if (since.length === 0) continue;
      const stableAt = Math.max(lastAt, Math.min(...since)) + STABLE_MS;
      if (stableAt <= now) this.forget(specification);
      else due.push(stableAt);
    }
    return due.length === 0 ? null : Math.min(...due);
  }
}
