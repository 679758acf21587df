import { BoundedMap } from './bounded-map.ts';

/** Where a decision takes hold. A node's id is null for all that serve the service. */
export type DecidedScope =
  | { readonly kind: 'service'; readonly serviceId: string; readonly nodeId: string | null }
  | { readonly kind: 'node'; readonly nodeId: string }
  | { readonly kind: 'fleet' };

export interface ActiveBan {
  /** Null for one that no rule made. */
  readonly ruleId: string | null;
  /** As `formatCidr` gives it. */
  readonly target: string;
  readonly scope: DecidedScope;
  readonly untilMs: number;
  readonly isNarrowed: boolean;
}

/** Targets that are known to be banned, by default. */
const MAX_TARGETS = 200_000;

/** Who is banned where, so that nobody is banned twice for what is refused already. */
export class ActiveBans {
  readonly #byTarget = new BoundedMap<string, ActiveBan[]>(MAX_TARGETS);

  add(ban: ActiveBan): void {
    this.#byTarget.set(ban.target, [...(this.#byTarget.get(ban.target) ?? []), ban]);
  }

  lift(target: string): void {
    this.#byTarget.delete(target);
  }

  /** Those of a target that have not ended. */
  of(target: string, timeMs: number): readonly ActiveBan[] {
    const bans = this.#byTarget.get(target);
    if (bans === undefined) return [];
    const active = bans.filter(({ untilMs }) => untilMs > timeMs);
    if (active.length === 0) this.#byTarget.delete(target);
    else if (active.length < bans.length) this.#byTarget.set(target, active);
    return active;
  }

  /** @param serviceId null for requests of no service, or of any */
  isCovered(target: string, nodeId: string, serviceId: string | null, timeMs: number): boolean {
    // Nearly nobody is banned, and this is asked for every observation.
    if (this.#byTarget.get(target) === undefined) return false;
    return this.of(target, timeMs).some(({ scope }) => covers(scope, nodeId, serviceId));
  }
}

function covers(scope: DecidedScope, nodeId: string, serviceId: string | null): boolean {
  if (scope.kind === 'fleet') return true;
  if (scope.kind === 'node') return scope.nodeId === nodeId;
  return scope.serviceId === serviceId && (scope.nodeId === null || scope.nodeId === nodeId);
}
