import type { ScalingDecision, TargetReading } from '@flotilla/contracts';
import { formatMetricName } from './format-metric-name.ts';
import { formatScalingValue } from './format-scaling-value.ts';
import type { Words } from './words.ts';

/** What one target saw and asked for. */
export interface PlannedReading {
  readonly metric: string;
  readonly current: string;
  readonly target: string;
  readonly desired: string;
  /** What became of it: it decided, or why it did not. */
  readonly fate: string;
  readonly isDecisive: boolean;
}

/** A decision as a person reads it. */
export interface PlannedDecision {
  readonly headline: string;
  readonly reason: string;
  readonly readings: readonly PlannedReading[];
  /** What held the number back or raised it, in the order in which it took hold; each names the number that was refused. */
  readonly limits: readonly { readonly text: string; readonly change: string }[];
}

/** A decision in words: what was done, on what, why, and which other numbers were rejected. */
export function planDecision(decision: ScalingDecision, words: Words): PlannedDecision {
  const { t } = words;
  return {
    headline: formatHeadline(decision, words),
    reason: formatReason(decision, words),
    readings: decision.targets.map((reading, index) => planReading(reading, index, decision, words)),
    limits: decision.limits.map(({ kind, from, to }) => ({
      text: t(`scaling.limits.${kind}`),
      change: from === to ? t('scaling.stays', { count: from }) : t('scaling.became', { from, to }),
    })),
  };
}

/** `From 2 to 4 replicas`, in one line. */
export function formatHeadline({ outcome, from, to, decidedBy }: ScalingDecision, { t }: Words): string {
  return t(`scaling.outcomes.${outcome}`, { from, to, who: decidedBy ?? t('scaling.somebody') });
}

function formatReason(decision: ScalingDecision, words: Words): string {
  const { t } = words;
  const { outcome, wanted, limits } = decision;
  if (outcome === 'manual') return t('scaling.reasons.manual');
  const decisive = decision.targets[decision.decisiveTarget ?? -1];
  const asked =
    decisive === undefined || wanted === null
      ? t('scaling.reasons.noTarget')
      : t('scaling.reasons.target', { ...describe(decisive, words), wanted });
  const last = limits.at(-1);
  const held = last === undefined ? [] : [t(`scaling.limits.${last.kind}`)];
  return [asked, ...held].join(' ');
}

function describe({ metric, current, target }: TargetReading, words: Words) {
  return {
    metric: formatMetricName(metric, words),
    current: current === null ? words.t('scaling.unknown') : formatScalingValue(current, metric, words.locale),
    target: formatScalingValue(target, metric, words.locale),
  };
}

function planReading(reading: TargetReading, index: number, decision: ScalingDecision, words: Words): PlannedReading {
  const { t } = words;
  const isDecisive = index === decision.decisiveTarget;
  const missing =
    reading.missing === 0 ? '' : ` (${t('scaling.missing', { count: reading.missing }, reading.missing)})`;
  return {
    ...describe(reading, words),
    desired: reading.desired === null ? t('shared.unknown') : String(reading.desired),
    fate: t(`scaling.fates.${chooseFate(reading, isDecisive)}`) + missing,
    isDecisive,
  };
}

function chooseFate({ current, desired, kind }: TargetReading, isDecisive: boolean): string {
  if (isDecisive) return 'decided';
  if (current === null) return 'unreadable';
  if (desired === null) return kind === 'threshold' ? 'notBreached' : 'unreadable';
  return 'outvoted';
}
