import type { RolloutSettings, ServiceReplicasReport } from '@flotilla/contracts';

/** A container of a service, as far as a plan needs it. Times are milliseconds of one clock. */
export interface KnownReplica {
  readonly name: string;
  /** Hash of the specification that it was made from. */
  readonly specification: string;
  /**
   * `starting`: not ready yet. `unready`: was ready, and its health check fails. `dead`: its process has ended. `draining`: on its
   * way out, takes no new requests.
   */
  readonly phase: 'starting' | 'ready' | 'unready' | 'dead' | 'draining';
  /** When the phase began. */
  readonly since: number;
}

/** Starts of one specification that came to nothing, in a row; those that fail together count once. */
export interface StartFailures {
  readonly count: number;
  readonly lastAt: number;
}

export interface ReplicasInput {
  /** Hash of the specification that is asked for. */
  readonly wanted: string;
  /** Hash of the last one that became ready, to go back to; null when there is none. */
  readonly lastGood: string | null;
  readonly count: number;
  readonly rollout: RolloutSettings;
  readonly replicas: readonly KnownReplica[];
  /** By specification. */
  readonly failures: ReadonlyMap<string, StartFailures>;
}

export type ReplicaAction =
  | { readonly kind: 'create'; readonly specification: string }
  /** Out of the upstream, then wait for its requests, then stop and remove. `isFailure`: it has lost its health. */
  | { readonly kind: 'drain'; readonly name: string; readonly isFailure: boolean }
  /** At once: it takes no requests, because it never became ready, or died. Always a failure. */
  | { readonly kind: 'remove'; readonly name: string };

export interface ReplicasPlan {
  readonly actions: readonly ReplicaAction[];
  /** The specification that is worked towards: the wanted one, or after its failure the last good one. */
  readonly target: string;
  readonly rollout: ServiceReplicasReport['rollout'];
  /** When the plan changes by time alone; null for never. */
  readonly wakeAt: number | null;
}

const FIRST_BACKOFF_MS = 1000;
const LONGEST_BACKOFF_MS = 300_000;
/** After so many a rollout has failed, if there is something to go back to. */
export const MOST_START_FAILURES = 3;

/**
 * What to do next for one service. Carried out, and asked again whenever something has changed, it keeps these bounds: never
 * more than `count + maxSurge` replicas that are not draining, and no ready one is taken away that would leave fewer than
 * `count - maxUnavailable`.
 */
export function planReplicas(input: ReplicasInput, now: number): ReplicasPlan {
  const { wanted, count, rollout, replicas } = input;
  const removals = replicas.flatMap((replica) => planRemoval(replica, rollout, now));
  const isRemoved = new Set(removals.map(({ name }) => name));
  const failures = countRepeated(input, isRemoved, now);
  const target = chooseTarget(input, failures);
  const alive = replicas.filter(({ name, phase }) => phase !== 'draining' && !isRemoved.has(name));
  const createAt = findCreateAt(failures.get(target));

  const drains = planDrains(input, target, alive, now >= createAt);
  const isDrained = new Set(drains.map(({ name }) => name));
  const left = alive.filter(({ name }) => !isDrained.has(name));
  const missing = count - left.filter(({ specification }) => specification === target).length;
  const wantsMore = Math.min(missing, count + rollout.maxSurge - left.length);
  const creates = Array.from({ length: now >= createAt ? Math.max(0, wantsMore) : 0 }, () => ({
    kind: 'create' as const,
    specification: target,
  }));

  const waitsForBackoff = missing > 0 || left.some(({ phase }) => phase === 'unready');
  const times = [
    ...left.filter(({ phase }) => phase === 'starting').map(({ since }) => since + rollout.readyTimeoutMs),
    ...(waitsForBackoff && createAt > now ? [createAt] : []),
  ];
  const actions = [...removals, ...drains, ...creates];
  const isSettled = actions.length === 0 && missing === 0 && replicas.every(({ phase }) => phase === 'ready');
  return {
    actions,
    target,
    rollout: target !== wanted ? 'rolled_back' : isSettled ? 'settled' : 'progressing',
    wakeAt: times.length === 0 ? null : Math.min(...times),
  };
}

/**
 * Failures with those that this plan removes, or what is made instead of them would not wait. The first is none yet: a replica
 * that ran well until now is replaced at once.
 */
function countRepeated(
  { replicas, failures }: ReplicasInput,
  isRemoved: ReadonlySet<string>,
  now: number,
): ReadonlyMap<string, StartFailures> {
  const failing = new Set(replicas.filter(({ name }) => isRemoved.has(name)).map(({ specification }) => specification));
  const count = ([specification, before]: [string, StartFailures]): [string, StartFailures] =>
    failing.has(specification) ? [specification, { count: before.count + 1, lastAt: now }] : [specification, before];
  return new Map([...failures].map(count));
}

/** A specification that does not start gives way to the last one that did. */
function chooseTarget({ wanted, lastGood }: ReplicasInput, failures: ReadonlyMap<string, StartFailures>): string {
  const hasFailed = (failures.get(wanted)?.count ?? 0) >= MOST_START_FAILURES;
  return hasFailed && lastGood !== null ? lastGood : wanted;
}

/** What takes no requests and never will: the dead, and those that do not become ready. */
function planRemoval(
  { name, phase, since }: KnownReplica,
  { readyTimeoutMs }: RolloutSettings,
  now: number,
): Extract<ReplicaAction, { kind: 'remove' }>[] {
  const isLate = phase === 'starting' && now - since >= readyTimeoutMs;
  return phase === 'dead' || isLate ? [{ kind: 'remove', name }] : [];
}

function planDrains(
  { count, rollout }: ReplicasInput,
  target: string,
  alive: readonly KnownReplica[],
  mayReplace: boolean,
): Extract<ReplicaAction, { kind: 'drain' }>[] {
  const current = alive.filter(({ specification }) => specification === target);
  const older = alive.filter(({ specification }) => specification !== target);
  const drained = new Set<KnownReplica>();
  let ready = alive.filter(({ phase }) => phase === 'ready').length;
  const drain = (replica: KnownReplica): void => {
    drained.add(replica);
    if (replica.phase === 'ready') ready -= 1;
  };

  // Too many: first those that take no requests, then the youngest.
  const surplus = current
    .toSorted((a, b) => rank(a) - rank(b) || b.since - a.since)
    .slice(0, Math.max(0, current.length - count));
  surplus.forEach(drain);
  // One that has lost its health is replaced like one that died: no faster than the wait between two starts allows.
  const unready = current.filter((replica) => replica.phase === 'unready' && !drained.has(replica));
  if (mayReplace) unready.slice(0, 1).forEach(drain);
  for (const replica of older.toSorted((a, b) => rank(a) - rank(b) || a.since - b.since)) {
    if (replica.phase !== 'ready' || ready - 1 >= count - rollout.maxUnavailable) drain(replica);
  }
  return [...drained].map((replica) => ({
    kind: 'drain',
    name: replica.name,
    isFailure: replica.phase === 'unready' && !surplus.includes(replica) && replica.specification === target,
  }));
}

/** Those that take no requests first. */
function rank({ phase }: KnownReplica): number {
  return phase === 'unready' ? 0 : phase === 'starting' ? 1 : 2;
}

/** After each failure in a row twice as long. */
function findCreateAt(failures: StartFailures | undefined): number {
  if (failures === undefined || failures.count === 0) return Number.NEGATIVE_INFINITY;
  return failures.lastAt + Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (failures.count - 1));
}
