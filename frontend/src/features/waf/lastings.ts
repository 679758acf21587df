const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** How long a ban, or an exception, may be chosen to last; null until somebody ends it. */
export const LASTINGS = {
  hour: HOUR_MS,
  fourHours: 4 * HOUR_MS,
  day: DAY_MS,
  week: 7 * DAY_MS,
  month: 30 * DAY_MS,
  forever: null,
} as const;
export type Lasting = keyof typeof LASTINGS;
