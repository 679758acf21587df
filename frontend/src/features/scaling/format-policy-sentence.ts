import type { ScalingPolicy, ScalingSchedule, ScalingTarget } from '@flotilla/contracts';
import { formatMetricValue } from '../../shared/format-metric-value.ts';
import { formatDuration } from '../../shared/format-time.ts';
import { formatInnerMetricName, formatMetricName } from './format-metric-name.ts';
import { formatScalingValue } from './format-scaling-value.ts';
import type { Words } from './words.ts';

type Direction = ScalingPolicy['scaleUp'];
type Change = Direction['steps'][number];

/** What a policy will do, in words: a paragraph that somebody who never saw the form understands. */
export function formatPolicySentence(policy: ScalingPolicy, words: Words): string {
  const { t } = words;
  return [
    ...(policy.isPaused ? [t('scaling.sentence.paused')] : []),
    ...(policy.isDryRun ? [t('scaling.sentence.dryRun')] : []),
    formatBounds(policy.minReplicas, policy.maxReplicas, words),
    ...formatTargets(policy.targets, words),
    formatDirection(policy.scaleUp, 'up', words),
    formatDirection(policy.scaleDown, 'down', words),
    ...formatTolerance(policy, words),
    ...policy.schedules.map((schedule) => formatSchedule(schedule, words)),
    ...formatReservation(policy, words),
  ].join(' ');
}

function formatBounds(least: number, most: number, { t }: Words): string {
  return least === most
    ? t('scaling.sentence.always', { count: least }, least)
    : t('scaling.sentence.between', { least, most }, most);
}

function formatTargets(targets: readonly ScalingTarget[], words: Words): string[] {
  const { t, locale } = words;
  const values = targets.flatMap((target) => (target.kind === 'value' ? [target] : []));
  const thresholds = targets.flatMap((target) => (target.kind === 'threshold' ? [target] : []));
  const list = new Intl.ListFormat(locale, { type: 'conjunction' }).format(
    values.map(({ metric, value }) =>
      t('scaling.sentence.value', {
        metric: formatInnerMetricName(metric, words),
        value: formatScalingValue(value, metric, locale),
      }),
    ),
  );
  return [
    ...(values.length === 0 ? [] : [t('scaling.sentence.targets', { list })]),
    ...thresholds.map((threshold) => formatThreshold(threshold, words)),
    ...(targets.length > 1 ? [t('scaling.sentence.mostWins')] : []),
  ];
}

function formatThreshold(threshold: Extract<ScalingTarget, { kind: 'threshold' }>, words: Words): string {
  const { metric, value, comparison, forMs, change } = threshold;
  const { t, locale } = words;
  const values = {
    metric: formatMetricName(metric, words),
    value: formatScalingValue(value, metric, locale),
    time: formatDuration(forMs, locale),
    change: formatChange(change, words),
  };
  return forMs === 0
    ? t(`scaling.sentence.thresholdAtOnce.${comparison}`, values)
    : t(`scaling.sentence.threshold.${comparison}`, values);
}

function formatDirection(direction: Direction, way: 'up' | 'down', words: Words): string {
  const { t, locale } = words;
  const { stabilizationMs, cooldownMs, isDisabled } = direction;
  if (isDisabled) return t(`scaling.sentence.never.${way}`);
  const start =
    stabilizationMs === 0
      ? t(`scaling.sentence.atOnce.${way}`)
      : t(`scaling.sentence.after.${way}`, { time: formatDuration(stabilizationMs, locale) });
  const pause = cooldownMs === 0 ? [] : [t('scaling.sentence.cooldown', { time: formatDuration(cooldownMs, locale) })];
  return `${[start, formatSteps(direction, words), ...pause].join('; ')}.`;
}

function formatSteps({ steps, select }: Direction, words: Words): string {
  const { t, locale } = words;
  if (steps.length === 0) return t('scaling.sentence.anyStep');
  const each = steps.map((step) =>
    t('scaling.sentence.step', { change: formatChange(step, words), time: formatDuration(step.periodMs, locale) }),
  );
  const list = new Intl.ListFormat(locale, { type: 'disjunction' }).format(each);
  return steps.length === 1 ? t('scaling.sentence.steps', { list }) : t(`scaling.sentence.stepsBy.${select}`, { list });
}

function formatChange({ by, unit }: Pick<Change, 'by' | 'unit'>, { t, locale }: Words): string {
  return unit === 'percent'
    ? formatMetricValue(by, 'percent', locale)
    : t('scaling.sentence.replicas', { count: by }, by);
}

/** Thresholds are exact: only values have a tolerance. */
function formatTolerance({ targets, scaleUp, scaleDown }: ScalingPolicy, { t, locale }: Words): string[] {
  if (targets.every(({ kind }) => kind === 'threshold')) return [];
  const [up, down] = [scaleUp, scaleDown].map(({ tolerance }) => formatMetricValue(tolerance * 100, 'percent', locale));
  if (scaleUp.tolerance === 0 && scaleDown.tolerance === 0) return [];
  return [
    scaleUp.tolerance === scaleDown.tolerance
      ? t('scaling.sentence.tolerance', { share: up ?? '' })
      : t('scaling.sentence.tolerances', { up: up ?? '', down: down ?? '' }),
  ];
}

function formatSchedule(schedule: ScalingSchedule, { t, locale }: Words): string {
  const { name, cron, timeZone, durationMs, minReplicas, maxReplicas } = schedule;
  const time = formatDuration(durationMs, locale);
  return t('scaling.sentence.schedule', { name, cron, timeZone, time, least: minReplicas, most: maxReplicas });
}

function formatReservation({ cpuReservation, memoryReservationBytes }: ScalingPolicy, { t, locale }: Words): string[] {
  const parts = [
    ...(cpuReservation === null
      ? []
      : [t('scaling.sentence.cores', { count: formatMetricValue(cpuReservation, 'ratio', locale) })]),
    ...(memoryReservationBytes === null
      ? []
      : [t('scaling.sentence.memory', { size: formatMetricValue(memoryReservationBytes, 'bytes', locale) })]),
  ];
  if (parts.length === 0) return [];
  const what = new Intl.ListFormat(locale, { type: 'conjunction' }).format(parts);
  return [t('scaling.sentence.reservation', { what })];
}
