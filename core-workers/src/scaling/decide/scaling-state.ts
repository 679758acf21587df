import type { TimedCount } from './recommendation-window.ts';

/** The number of replicas became another one, by whomever. */
export interface ScaleChange {
  readonly at: number;
  /** Replicas more, or fewer when it is negative. */
  readonly by: number;
}

/** Since when a threshold is breached without a gap. */
export interface ThresholdBreach {
  readonly comparison: 'above' | 'below';
  readonly since: number;
  /** When it was last seen to be. */
  readonly seenAt: number;
}

/** Which schedule is active from `from` until `until`; null for none. */
export interface ScheduleSpan {
  readonly index: number | null;
  readonly from: number;
  readonly until: number;
}

/** Something that did not change the number was recorded: not again for a while. */
export interface RecordedHold {
  readonly key: string;
  readonly at: number;
}

/** What one evaluation leaves to the next. Its size is bounded, and nothing in it is ever changed in place. */
export interface ScalingState {
  readonly policyKey: string;
  /** Event time of the evaluation; never goes back. */
  readonly at: number;
  /** Lowest recommendations of the window of scaling up, oldest first. */
  readonly lowest: readonly TimedCount[];
  /** Highest recommendations of the window of scaling down, oldest first. */
  readonly highest: readonly TimedCount[];
  readonly changes: readonly ScaleChange[];
  /** By the target's index. */
  readonly breaches: readonly (ThresholdBreach | null)[];
  readonly schedule: ScheduleSpan | null;
  readonly holds: readonly RecordedHold[];
}

/** More changes than that within the longest period are counted together. */
const MOST_CHANGES = 256;

/**
 * The state after the number of replicas was changed from `from` to `to`: to be called for each change that was committed, a
 * person's as well, in order of time. Steps, cooldowns and the guard against flapping go by it, and a threshold has to be breached
 * for its whole time again before it acts a second time.
 */
export function recordScale(state: ScalingState, change: { from: number; to: number; at: number }): ScalingState {
  const { from, to, at } = change;
  if (from === to) return state;
  const comparison = to > from ? 'above' : 'below';
  return {
    ...state,
    changes: boundChanges([...state.changes, { at, by: to - from }]),
    breaches: state.breaches.map((breach) =>
      breach?.comparison === comparison ? { ...breach, since: Math.max(breach.since, at) } : breach,
    ),
    holds: [],
  };
}

/** The oldest two of one direction become one at the later time, which is the more cautious. */
function boundChanges(changes: readonly ScaleChange[]): readonly ScaleChange[] {
  if (changes.length <= MOST_CHANGES) return changes;
  const findNext = (index: number): number =>
    changes.findIndex(({ by }, other) => other > index && by > 0 === (changes[index]?.by ?? 0) > 0);
  // Where the first is alone in its direction, all others are of the other one.
  const older = findNext(0) === -1 ? 1 : 0;
  const newer = findNext(older);
  const by = changes[older]?.by ?? 0;
  return changes
    .map((change, index) => (index === newer ? { ...change, by: change.by + by } : change))
    .filter((_, index) => index !== older);
}
