import type { ScalingDecision, ScalingLimit, ScalingLimitKind, ScalingPolicy } from '@flotilla/contracts';
import { chooseBounds, chooseScheduleSpan, type Bounds } from './choose-bounds.ts';
import { chooseRecord } from './choose-record.ts';
import { decideRate } from './decide-rate.ts';
import { decideTargets, type TargetsOpinion } from './decide-targets.ts';
import { chooseFresh } from './measure-target.ts';
import { isHigher, isLower, pushCount } from './recommendation-window.ts';
import type { ScaledNode, ScalingInput } from './scaling-input.ts';
import type { ScaleChange, ScalingState } from './scaling-state.ts';

/** What was seen and computed, whether anything comes of it or not. */
export interface ScalingEvaluation {
  /** Event time. */
  readonly at: number;
  /** Replicas that take requests; null when no node has told lately. */
  readonly ready: number | null;
  readonly targets: ScalingDecision['targets'];
  readonly activeSchedule: string | null;
  /** What the load alone asks for. */
  readonly wanted: number | null;
  readonly limits: readonly ScalingLimit[];
  /** What the number is to be from now on; what it is when nothing changes. */
  readonly to: number;
}

export interface ScalingOutcome {
  readonly evaluation: ScalingEvaluation;
  /** To be recorded, and when it is `scaled` to be carried out; null for nothing. */
  readonly decision: Omit<ScalingDecision, 'id' | 'serviceId'> | null;
  /** For the next evaluation. What was decided counts in it once `recordScale` has told that it was committed. */
  readonly state: ScalingState;
}

/**
 * How many replicas a service is to have, by its load:
 *
 *     targets → unreadable_target → disabled_direction | flapping | stabilization → step → cooldown
 *             → schedule | minimum | maximum → capacity → paused | dry_run
 *
 * Each rule that changes the number is in `limits`, in this order. Pure: repeated with the same input it decides the same.
 *
 * @param now event time of the newest sample, in milliseconds since the epoch; one that is older than the last evaluation's counts
 *   as that one's
 * @throws what `chooseScheduleSpan` throws
 */
export function decideReplicas(input: ScalingInput, now: number): ScalingOutcome {
  const { policy, wanted: current, nodes, capacity } = input;
  const before = openState(input, now);
  const at = before.at;
  const opinion = decideTargets(policy, { nodes, current, breaches: before.breaches }, at);
  const isBlocked = opinion.readable < opinion.targets.length && (opinion.wanted ?? current) < current;
  const state = isBlocked ? before : pushRecommendation(before, policy, opinion, current);

  const limits: ScalingLimit[] = [...opinion.limits];
  let to = opinion.wanted ?? current;
  const become = (kind: ScalingLimitKind, next: number): void => {
    if (next !== to) limits.push({ kind, from: to, to: next });
    to = next;
  };
  if (isBlocked) become('unreadable_target', current);
  const lowest = state.lowest[0]?.count ?? to;
  const highest = state.highest[0]?.count ?? to;
  for (const step of decideRate(policy, { current, desired: to, lowest, highest, changes: state.changes }, at)) {
    become(step.kind, step.to);
  }
  const schedule = before.schedule ?? chooseScheduleSpan(policy.schedules, at);
  const bounds = chooseBounds(policy, schedule);
  const bounded = Math.min(bounds.maxReplicas, Math.max(bounds.minReplicas, to));
  become(chooseBoundKind(bounds, bounded > to), bounded);
  // No room is no reason to take away what is there.
  if (capacity !== null && to > current) become('capacity', Math.min(to, Math.max(current, capacity)));

  const due = to;
  if (policy.isPaused) become('paused', current);
  else if (policy.isDryRun) become('dry_run', current);
  const { isPaused, isDryRun } = policy;
  const { record, holds } = chooseRecord({ from: current, to: due, isPaused, isDryRun }, limits, before.holds, at);
  const ready = countReady(nodes, at);
  const { targets, wanted, decisiveTarget } = opinion;
  return {
    evaluation: { at, ready, targets, activeSchedule: bounds.schedule, wanted, limits, to },
    decision: record && {
      at: new Date(at).toISOString(),
      ...record,
      from: current,
      wanted,
      ready,
      decisiveTarget,
      targets,
      limits,
      decidedBy: null,
    },
    state: { ...state, breaches: opinion.breaches, schedule, holds },
  };
}

/** The state as of now: without what has grown too old, and without what belongs to another version of the policy. */
function openState({ policy, policyKey, wanted, state }: ScalingInput, now: number): ScalingState {
  if (state === null) {
    // What is there counts as the first recommendation, so that nothing is taken away before a window has been seen.
    const first = [{ at: now, count: wanted }];
    const empty = { changes: [], breaches: [], schedule: null, holds: [] };
    return { ...empty, policyKey, at: now, lowest: first, highest: first };
  }
  const at = Math.max(now, state.at);
  const isSame = state.policyKey === policyKey;
  const schedule = isSame && state.schedule !== null && at < state.schedule.until ? state.schedule : null;
  const changes = dropOld(state.changes, at - findLongestMs(policy));
  return { ...state, policyKey, at, changes, schedule, breaches: isSame ? state.breaches : [] };
}

/** Targets that can be read and ask for nothing recommend what is there; a state that nobody can read recommends nothing. */
function pushRecommendation(
  state: ScalingState,
  policy: ScalingPolicy,
  { wanted, readable }: TargetsOpinion,
  current: number,
): ScalingState {
  if (readable === 0) return state;
  const entry = { at: state.at, count: wanted ?? current };
  return {
    ...state,
    lowest: pushCount(state.lowest, entry, policy.scaleUp.stabilizationMs, isLower),
    highest: pushCount(state.highest, entry, policy.scaleDown.stabilizationMs, isHigher),
  };
}

function dropOld(changes: readonly ScaleChange[], until: number): readonly ScaleChange[] {
  const [oldest] = changes;
  return oldest === undefined || oldest.at > until ? changes : changes.filter(({ at }) => at > until);
}

function findLongestMs({ scaleUp, scaleDown }: ScalingPolicy): number {
  const spans = [scaleUp, scaleDown].flatMap(({ stabilizationMs, cooldownMs, steps }) => [
    stabilizationMs,
    cooldownMs,
    ...steps.map(({ periodMs }) => periodMs),
  ]);
  return Math.max(...spans);
}

function chooseBoundKind({ schedule }: Bounds, isRaised: boolean): ScalingLimitKind {
  if (schedule !== null) return 'schedule';
  return isRaised ? 'minimum' : 'maximum';
}

/** Over the nodes that have told lately; null when none has. */
function countReady(nodes: readonly ScaledNode[], now: number): number | null {
  const fresh = nodes.map((node) => chooseFresh(node, now)).filter((sample) => sample !== null);
  return fresh.length === 0
    ? null
    : fresh.reduce((sum, { load }) => sum + load.replicas.filter(({ isReady }) => isReady).length, 0);
}
