import type { ScalingPolicy, ScalingSchedule } from '@flotilla/contracts';
import { Cron } from 'croner';
import type { ScheduleSpan } from './scaling-state.ts';

export interface Bounds {
  readonly minReplicas: number;
  readonly maxReplicas: number;
  /** The schedule that they are of; null for the policy's own. */
  readonly schedule: string | null;
}

/** Bounds that hold in a span: those of its schedule, or the policy's. */
export function chooseBounds(policy: ScalingPolicy, { index }: ScheduleSpan): Bounds {
  const { minReplicas, maxReplicas } = policy;
  const schedule = index === null ? undefined : policy.schedules[index];
  return schedule === undefined
    ? { minReplicas, maxReplicas, schedule: null }
    : { minReplicas: schedule.minReplicas, maxReplicas: schedule.maxReplicas, schedule: schedule.name };
}

/**
 * Which schedule is active at `now`, and how long that holds without looking again. Of several that are active the first in the
 * policy's order counts. A start that daylight saving skips comes when the clock has jumped, and one that it repeats comes once.
 * @throws RangeError or TypeError for an expression or time zone that the contracts do not let in
 */
export function chooseScheduleSpan(schedules: readonly ScalingSchedule[], now: number): ScheduleSpan {
  const spans = schedules.map((schedule) => findSpan(schedule, now));
  const index = spans.findIndex(({ isActive }) => isActive);
  return {
    index: index === -1 ? null : index,
    from: now,
    until: Math.min(Number.POSITIVE_INFINITY, ...spans.map(({ until }) => until)),
  };
}

interface Span {
  readonly isActive: boolean;
  readonly until: number;
}

/** The first start after `now - durationMs` is either over already, and its span lasts, or still to come. */
function findSpan({ cron, timeZone, durationMs }: ScalingSchedule, now: number): Span {
  const pattern = new Cron(cron, { timezone: timeZone, paused: true, mode: '5-part' });
  const startsAt = pattern.nextRun(new Date(now - durationMs))?.getTime();
  if (startsAt === undefined) return { isActive: false, until: Number.POSITIVE_INFINITY };
  return startsAt <= now ? { isActive: true, until: startsAt + durationMs } : { isActive: false, until: startsAt };
}
