import { scalingPolicy, type ScalingMetric, type ScalingPolicy, type ScalingPolicyDraft } from '@flotilla/contracts';
import { findFactor } from './format-scaling-value.ts';

const MEBIBYTE = 2 ** 20;
const HOUR_MS = 3_600_000;

/** A number as `v-model.number` gives it: an emptied field is an empty text. */
type Typed = number | '';
type ChangeUnit = 'replicas' | 'percent';

/** A target as the form holds it: both kinds at once, so that switching to and fro loses nothing. */
export interface TargetForm {
  kind: 'value' | 'threshold';
  metric: ScalingMetric['kind'];
  /** Of a custom metric. */
  name: string;
  /** As people read it: ratios are percent. */
  value: Typed;
  comparison: 'above' | 'below';
  forSeconds: Typed;
  by: Typed;
  unit: ChangeUnit;
}

export interface DirectionForm {
  stabilizationSeconds: Typed;
  tolerancePercent: Typed;
  cooldownSeconds: Typed;
  steps: { by: Typed; unit: ChangeUnit; periodSeconds: Typed }[];
  select: 'most' | 'least';
  isDisabled: boolean;
}

interface ScheduleForm {
  name: string;
  cron: string;
  timeZone: string;
  durationHours: Typed;
  minReplicas: Typed;
  maxReplicas: Typed;
}

export interface PolicyForm {
  minReplicas: Typed;
  maxReplicas: Typed;
  targets: TargetForm[];
  scaleUp: DirectionForm;
  scaleDown: DirectionForm;
  schedules: ScheduleForm[];
  cpuReservation: Typed;
  memoryReservationMebibytes: Typed;
  isPaused: boolean;
  isDryRun: boolean;
}

/** What a new target begins with, as people read it. */
const USUAL_VALUES: Readonly<Record<ScalingMetric['kind'], number | ''>> = {
  cpu: 60,
  memory: 70,
  requests_per_second: 50,
  in_flight: 10,
  latency_p95: 500,
  custom: '',
};

export function emptyTarget(metric: ScalingMetric['kind'] = 'cpu'): TargetForm {
  const value = USUAL_VALUES[metric];
  return {
    kind: 'value',
    metric,
    name: '',
    value,
    comparison: 'above',
    forSeconds: 60,
    by: 1,
    unit: 'replicas',
  };
}

/** A span during which other bounds hold; the zone is the reader's own. */
export function emptySchedule(): ScheduleForm {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  return { name: '', cron: '0 8 * * 1-5', timeZone, durationHours: 10, minReplicas: 2, maxReplicas: 10 };
}

/** A new policy: the defaults of the contracts, CPU as the target, and at most ten replicas. */
export function emptyPolicy(): PolicyForm {
  const cpu = { kind: 'value', metric: { kind: 'cpu' }, value: 0.6 } as const;
  return readPolicy(scalingPolicy.parse({ maxReplicas: 10, targets: [cpu] }));
}

/** The form of a stored policy. */
export function readPolicy(policy: ScalingPolicy): PolicyForm {
  const { minReplicas, maxReplicas, isPaused, isDryRun, cpuReservation, memoryReservationBytes } = policy;
  return {
    minReplicas,
    maxReplicas,
    targets: policy.targets.map(readTarget),
    scaleUp: readDirection(policy.scaleUp),
    scaleDown: readDirection(policy.scaleDown),
    schedules: policy.schedules.map(({ durationMs, ...schedule }) => ({
      ...schedule,
      durationHours: durationMs / HOUR_MS,
    })),
    cpuReservation: cpuReservation ?? '',
    memoryReservationMebibytes: memoryReservationBytes === null ? '' : memoryReservationBytes / MEBIBYTE,
    isPaused,
    isDryRun,
  };
}

function readTarget(target: ScalingPolicy['targets'][number]): TargetForm {
  const { metric } = target;
  const common = {
    ...emptyTarget(metric.kind),
    name: metric.kind === 'custom' ? metric.name : '',
    value: readRatio(target.value, findFactor(metric.kind)),
  };
  if (target.kind === 'value') return common;
  const { comparison, forMs, change } = target;
  return { ...common, kind: 'threshold', comparison, forSeconds: forMs / 1000, by: change.by, unit: change.unit };
}

function readDirection(direction: ScalingPolicy['scaleUp']): DirectionForm {
  const { stabilizationMs, tolerance, cooldownMs, steps, select, isDisabled } = direction;
  return {
    stabilizationSeconds: stabilizationMs / 1000,
    tolerancePercent: readRatio(tolerance, 100),
    cooldownSeconds: cooldownMs / 1000,
    steps: steps.map(({ by, unit, periodMs }) => ({ by, unit, periodSeconds: periodMs / 1000 })),
    select,
    isDisabled,
  };
}

/** 0.07 × 100 is 7.000000000000001: digits that nobody typed are left away. */
function readRatio(value: number, factor: number): number {
  return factor === 1 ? value : Number((value * factor).toPrecision(12));
}

/** What the form sends. The Core checks it and names what is wrong. */
export function writePolicy(form: PolicyForm): ScalingPolicyDraft {
  return {
    minReplicas: writeNumber(form.minReplicas),
    maxReplicas: writeNumber(form.maxReplicas),
    targets: form.targets.map(writeTarget),
    scaleUp: writeDirection(form.scaleUp),
    scaleDown: writeDirection(form.scaleDown),
    schedules: form.schedules.map(({ durationHours, minReplicas, maxReplicas, ...schedule }) => ({
      ...schedule,
      durationMs: writeSpan(durationHours, HOUR_MS),
      minReplicas: writeNumber(minReplicas),
      maxReplicas: writeNumber(maxReplicas),
    })),
    cpuReservation: form.cpuReservation === '' ? null : form.cpuReservation,
    memoryReservationBytes:
      form.memoryReservationMebibytes === '' ? null : writeSpan(form.memoryReservationMebibytes, MEBIBYTE),
    isPaused: form.isPaused,
    isDryRun: form.isDryRun,
  };
}

function writeTarget({ kind, metric, name, value, comparison, forSeconds, by, unit }: TargetForm) {
  const common = {
    metric: metric === 'custom' ? { kind: metric, name } : { kind: metric },
    value: writeNumber(value) / findFactor(metric),
  };
  if (kind === 'value') return { kind, ...common };
  return { kind, ...common, comparison, forMs: writeSpan(forSeconds, 1000), change: { by: writeNumber(by), unit } };
}

function writeDirection({ steps, select, isDisabled, ...form }: DirectionForm) {
  return {
    stabilizationMs: writeSpan(form.stabilizationSeconds, 1000),
    tolerance: writeNumber(form.tolerancePercent) / 100,
    cooldownMs: writeSpan(form.cooldownSeconds, 1000),
    steps: steps.map(({ by, unit, periodSeconds }) => ({
      by: writeNumber(by),
      unit,
      periodMs: writeSpan(periodSeconds, 1000),
    })),
    select,
    isDisabled,
  };
}

/** An emptied field travels as null and is refused by name; as 0 it would mean something. */
function writeNumber(typed: Typed): number {
  return typed === '' ? Number.NaN : typed;
}

function writeSpan(typed: Typed, factor: number): number {
  return Math.round(writeNumber(typed) * factor);
}
