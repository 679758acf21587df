import type { ScalingLimitKind, ScalingPolicy } from '@flotilla/contracts';
import { decideStepLimit } from './decide-step-limit.ts';
import type { ScaleChange } from './scaling-state.ts';

export interface RateInput {
  readonly current: number;
  readonly desired: number;
  /** Lowest number that was computed in the window of scaling up, this one included. */
  readonly lowest: number;
  /** Highest number that was computed in the window of scaling down, this one included. */
  readonly highest: number;
  readonly changes: readonly ScaleChange[];
}

/** One rule and the number that it leaves. Those that change nothing are left out by the caller. */
export interface RateStep {
  readonly kind: ScalingLimitKind;
  readonly to: number;
}

/**
 * How far and how fast the number may go towards what the load asks for, rule by rule; none ever turns the direction. The guard
 * against flapping comes before the window that would hold it as well, so that it is what is shown.
 */
export function decideRate(policy: ScalingPolicy, input: RateInput, now: number): RateStep[] {
  const { current, desired, lowest, highest, changes } = input;
  if (desired === current) return [];
  const isUp = desired > current;
  const direction = isUp ? policy.scaleUp : policy.scaleDown;
  if (direction.isDisabled) return [{ kind: 'disabled_direction', to: current }];

  const wentBack = changes.some(({ at, by }) => by > 0 !== isUp && now - at < direction.stabilizationMs);
  if (wentBack) return [{ kind: 'flapping', to: current }];
  const stable = Math.min(highest, Math.max(lowest, current));
  const limit = decideStepLimit(direction, { isUp, current, changes }, now);
  const stepped = limit === null ? stable : isUp ? Math.min(stable, limit) : Math.max(stable, limit);
  const isCooling = changes.some(({ at, by }) => by > 0 === isUp && now - at < direction.cooldownMs);
  return [
    { kind: 'stabilization', to: stable },
    { kind: 'step', to: stepped },
    { kind: 'cooldown', to: isCooling ? current : stepped },
  ];
}
