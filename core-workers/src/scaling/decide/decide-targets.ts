import type { ScalingLimit, ScalingPolicy, TargetReading } from '@flotilla/contracts';
import { decideThresholdTarget } from './decide-threshold-target.ts';
import { decideValueTarget } from './decide-value-target.ts';
import { chooseFresh, measureTarget, readMeasurement } from './measure-target.ts';
import { STALE_AFTER_INTERVALS, type ScaledNode } from './scaling-input.ts';
import type { ThresholdBreach } from './scaling-state.ts';

/** What all targets ask for together. */
export interface TargetsOpinion {
  readonly targets: TargetReading[];
  readonly breaches: readonly (ThresholdBreach | null)[];
  /** The most that one asks for; null when none asks for anything. */
  readonly wanted: number | null;
  readonly decisiveTarget: number | null;
  /** What had hold of the decisive target's number. */
  readonly limits: readonly ScalingLimit[];
  readonly readable: number;
}

/** Reads each target; the one that wants the most replicas wins, the first of them when several do. */
export function decideTargets(
  policy: ScalingPolicy,
  service: { nodes: readonly ScaledNode[]; current: number; breaches: readonly (ThresholdBreach | null)[] },
  now: number,
): TargetsOpinion {
  const { nodes, current } = service;
  const gapMs = STALE_AFTER_INTERVALS * findIntervalMs(nodes, now);
  const opinions = policy.targets.map((target, index) => {
    const measurement = measureTarget(target.metric, nodes, now);
    const before = service.breaches[index] ?? null;
    const opinion =
      target.kind === 'value'
        ? { ...decideValueTarget(target, measurement, current, policy), breach: null }
        : decideThresholdTarget(target, measurement, { current, before, gapMs }, now);
    return { target, measurement, opinion };
  });

  const desired = opinions.map(({ opinion }) => opinion.desired ?? -1);
  const most = Math.max(...desired);
  const decisiveTarget = most === -1 ? null : desired.indexOf(most);
  return {
    targets: opinions.map(({ target, measurement, opinion }) => ({
      metric: target.metric,
      kind: target.kind,
      target: target.value,
      current: readMeasurement(measurement),
      desired: opinion.desired,
      missing: measurement.missing,
    })),
    breaches: opinions.map(({ opinion }) => opinion.breach),
    wanted: most === -1 ? null : most,
    decisiveTarget,
    limits: decisiveTarget === null ? [] : (opinions[decisiveTarget]?.opinion.limits ?? []),
    readable: opinions.filter(({ opinion }) => opinion.isReadable).length,
  };
}

function findIntervalMs(nodes: readonly ScaledNode[], now: number): number {
  return Math.max(0, ...nodes.map((node) => chooseFresh(node, now)?.intervalMs ?? 0));
}
