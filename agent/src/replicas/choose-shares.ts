import type { TrackedReplica } from './tracked-replica.ts';

/** Each step is a reload of nginx. */
const STEPS = 4;

export interface ReadyReplica {
  readonly containerId: string;
  /** Since when it takes requests, in milliseconds of one clock; null when that was before this agent began. */
  readonly readySince: number | null;
}

export interface Shares {
  readonly shares: readonly { readonly containerId: string; readonly share: number }[];
  /** When they change by time alone; null for never. */
  readonly changesAt: number | null;
}

/** Who takes requests. When all have lost their health, those still do: some answers are better than none. */
export function chooseServing(
  replicas: readonly Pick<TrackedReplica, 'containerId' | 'phase' | 'readySince'>[],
): ReadyReplica[] {
  const listOf = (wanted: TrackedReplica['phase']) =>
    replicas.flatMap(({ containerId, readySince, phase }) =>
      containerId !== null && phase === wanted ? [{ containerId, readySince }] : [],
    );
  const ready = listOf('ready');
  return ready.length > 0 ? ready : listOf('unready');
}

/**
 * A new replica's share grows in steps over its slow start, so that its caches and compilers warm up. While there is none that has
 * its full share there is nobody to take the rest, and all have the same.
 */
export function chooseShares(ready: readonly ReadyReplica[], slowStartMs: number, now: number): Shares {
  const steps = ready.map(({ readySince }) => {
    if (readySince === null || slowStartMs === 0) return STEPS;
    return Math.min(STEPS, 1 + Math.floor(((now - readySince) / slowStartMs) * STEPS));
  });
  const highest = Math.max(0, ...steps);
  const isAlone = highest < STEPS;
  const shares = ready.map(({ containerId }, index) => ({
    containerId,
    share: isAlone ? 1 : (steps[index] ?? STEPS) / STEPS,
  }));
  const changes = ready.flatMap(({ readySince }, index) => {
    const step = steps[index] ?? STEPS;
    return readySince === null || step >= STEPS ? [] : [readySince + (step / STEPS) * slowStartMs];
  });
  return { shares, changesAt: changes.length === 0 ? null : Math.min(...changes) };
}
