import type { Logger } from '@flotilla/runtime';
import { chooseBackoffMs } from '../shared/choose-backoff.ts';
import type { ReplicaGate, ServingReplica } from '../shared/replica-gate.ts';
import { sleep } from '../shared/sleep.ts';
import { formatRosterProblem } from './format-problem.ts';

const BACKOFF = { firstMs: 500, longestMs: 15_000 } as const;

export interface RosterDeps {
  readonly serviceId: string;
  readonly gate: ReplicaGate;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** Who is to take a service's requests, and who does: the second follows the first as soon as nginx lets it. */
export class Roster {
  readonly #deps: RosterDeps;
  #wanted: readonly ServingReplica[] | null = null;
  /** Null while it is not known: nginx may still serve what an agent before this one told it. */
  #served: readonly ServingReplica[] | null = null;
  /** What nginx is being told; its answer may come after others are wanted. */
  #asked: readonly ServingReplica[] = [];
  #following: Promise<void> | null = null;
  #problem: string | null = null;
  readonly #waiting = new Set<() => void>();

  constructor(deps: RosterDeps) {
    this.#deps = deps;
  }

  /** Why nginx does not serve what is wanted; null when it does. */
  get problem(): string | null {
    return this.#problem;
  }

  /** Somebody was let through, or shut out, by this agent. */
  get isKnown(): boolean {
    return this.#wanted !== null;
  }

  want(replicas: readonly ServingReplica[]): void {
    this.#wanted = replicas;
    if (this.#deps.signal.aborted || isSame(replicas, this.#served)) return;
    this.#following ??= this.#follow().finally(() => {
      this.#following = null;
    });
  }

  /** Resolves when nginx has confirmed that it sends nothing more to the container, or when the signal aborts. */
  async untilWithout(containerId: string, signal: AbortSignal): Promise<void> {
    const isOut = (): boolean =>
      this.#served !== null &&
      [...this.#served, ...this.#asked].every((replica) => replica.containerId !== containerId);
    while (!isOut() && !signal.aborted) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.add(resolve);
      signal.addEventListener('abort', () => resolve(), { once: true });
      await promise;
      this.#waiting.delete(resolve);
    }
  }

  async idle(): Promise<void> {
    await this.#following;
  }

  async #follow(): Promise<void> {
    const { serviceId, gate, logger, signal } = this.#deps;
    let failuresInARow = 0;
    while (this.#wanted !== null && !isSame(this.#wanted, this.#served) && !signal.aborted) {
      const wanted = this.#wanted;
      this.#asked = wanted;
      try {
        await gate.serve(serviceId, wanted);
        this.#served = wanted;
        this.#problem = null;
        failuresInARow = 0;
        this.#tellWaiting();
      } catch (err) {
        failuresInARow += 1;
        // What served before goes on, without those that it was asked to let in.
        this.#tellWaiting();
        this.#problem = formatRosterProblem(err instanceof Error ? err.message : String(err));
        logger[failuresInARow === 1 ? 'warn' : 'debug'](
          { err, serviceId, failuresInARow },
          'replicas do not serve yet',
        );
        await sleep(chooseBackoffMs(BACKOFF, failuresInARow, Math.random()), signal);
      }
    }
    // Others may be wanted than those that were refused.
    if (!signal.aborted) this.#problem = null;
  }

  #tellWaiting(): void {
    this.#asked = [];
    for (const tell of this.#waiting) tell();
  }
}

function isSame(left: readonly ServingReplica[], right: readonly ServingReplica[] | null): boolean {
  if (right === null || left.length !== right.length) return false;
  const shares = new Map(right.map(({ containerId, share }) => [containerId, share]));
  return left.every(({ containerId, share }) => shares.get(containerId) === share);
}
