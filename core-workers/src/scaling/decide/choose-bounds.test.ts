import { scalingPolicy, type ScalingSchedule } from '@flotilla/contracts';
import { describe, expect, it } from 'vitest';
import { chooseScheduleSpan } from './choose-bounds.ts';
import { createRandom, type Random } from '@flotilla/contracts/testing';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const WEDNESDAY_NOON = Date.parse('2026-01-14T12:00:00Z');
const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['jan', 'Feb', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
/** Least, most, and other words for them. */
const RANGES: readonly (readonly [number, number, readonly string[]])[] = [
  [0, 59, []],
  [0, 23, []],
  [1, 31, []],
  [1, 12, MONTHS],
  [0, 6, WEEKDAYS],
];

/** What a field stands for, and how it is written; null for all. */
interface Field {
  readonly text: string;
  readonly values: ReadonlySet<number> | null;
}

function randomField(random: Random, [min, max, names]: (typeof RANGES)[number]): Field {
  const from = random.between(min, max);
  const to = random.between(from, max);
  const step = random.between(1, Math.min(9, max));
  const list = (first: number, last: number, size: number): Set<number> =>
    new Set(Array.from({ length: last - first + 1 }, (_, index) => first + index).filter((_, i) => i % size === 0));
  const write = (value: number): string =>
    random.pick(String(value), String(value).padStart(2, '0'), names[value - min] ?? String(value));
  return random.pick<() => Field>(
    () => ({ text: '*', values: null }),
    () => ({ text: '*', values: null }),
    () => ({ text: '*', values: null }),
    () => ({ text: '*', values: null }),
    () => ({ text: write(from), values: new Set([from]) }),
    () => ({ text: `${write(from)},${write(to)}`, values: new Set([from, to]) }),
    () => ({ text: `${write(from)}-${write(to)}`, values: list(from, to, 1) }),
    () => ({ text: `${write(from)}-${write(to)}/${step}`, values: list(from, to, step) }),
  )();
}

/** Whether a span is active: by looking at each minute of the last duration. */
function isActiveNaively(fields: readonly Field[], { timeZone, durationMs }: ScalingSchedule, now: number): boolean {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    minute: 'numeric',
    hour: 'numeric',
    day: 'numeric',
    month: 'numeric',
    weekday: 'short',
  });
  const isStart = (at: number): boolean => {
    const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
    const local = [parts['minute'], parts['hour'], parts['day'], parts['month']].map(Number);
    const [minute, hour, day, month, weekday] = [...local, WEEKDAYS.indexOf(parts['weekday'] ?? '')].map(
      (value, index) => fields[index]?.values?.has(value) ?? true,
    );
    // Where both name days, either will do.
    const isEither = fields[2]?.values !== null && fields[4]?.values !== null;
    const isDay = isEither ? day === true || weekday === true : day === true && weekday === true;
    return minute === true && hour === true && month === true && isDay;
  };
  for (let at = Math.floor(now / MINUTE_MS) * MINUTE_MS; at > now - durationMs; at -= MINUTE_MS) {
    if (isStart(at)) return true;
  }
  return false;
}

interface RandomSchedule {
  readonly seed: number;
  readonly fields: readonly Field[];
  readonly schedule: ScalingSchedule;
}

/** A schedule that the contracts let in: one whose day no month has is left out. */
function buildRandomSchedule(seed: number): RandomSchedule[] {
  const random = createRandom(seed);
  const fields = RANGES.map((range) => randomField(random, range));
  const schedule = {
    name: 'Any',
    cron: fields.map(({ text }) => text).join(' '),
    timeZone: random.pick('UTC', 'America/New_York', 'Asia/Kolkata', 'Pacific/Auckland'),
    durationMs: random.pick(1, 5, 60, 300) * MINUTE_MS,
    minReplicas: 1,
    maxReplicas: 2,
  };
  const target = { kind: 'value', metric: { kind: 'cpu' }, value: 1 };
  const policy = scalingPolicy.safeParse({ maxReplicas: 9, targets: [target], schedules: [schedule] });
  return policy.success ? [{ seed, fields, schedule }] : [];
}

describe('chooseScheduleSpan', () => {
  const seeds = Array.from({ length: 300 }, (_, index) => index + 1);
  const schedules = seeds.flatMap(buildRandomSchedule);

  it.each(schedules)('knows what each minute tells ($schedule.cron, seed $seed)', ({ seed, fields, schedule }) => {
    const random = createRandom(seed);
    // Weeks in which none of the clocks is changed.
    const week = Date.parse(random.pick('2026-01-12T00:00:00Z', '2026-07-13T00:00:00Z'));
    const now = week + random.between(0, 48 * HOUR_MS);
    const span = chooseScheduleSpan([schedule], now);
    expect(span.index === 0).toBe(isActiveNaively(fields, schedule, now));
    const later = now + Math.floor(random.next() * Math.min(span.until - now, 24 * HOUR_MS));
    expect(isActiveNaively(fields, schedule, later)).toBe(span.index === 0);
  });

  it('was asked while some were active and some were not', () => {
    expect(schedules.length).toBeGreaterThan(280);
    const active = schedules.filter(({ schedule }) => chooseScheduleSpan([schedule], WEDNESDAY_NOON).index === 0);
    expect(active.length).toBeGreaterThan(20);
  });

  it('needs no second look without schedules', () => {
    expect(chooseScheduleSpan([], 5)).toEqual({ index: null, from: 5, until: Number.POSITIVE_INFINITY });
  });
});
