const STEPS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1000],
];

/** What is ahead by less is a clock that is a little wrong. */
const LEAST_AHEAD_MS = 60_000;

/** `5 minutes ago` in the reader's language. A clock that runs ahead of the Core's gives "now", not the future. */
export function formatRelativeTime(instant: string, now: number, locale: string): string {
  const elapsedMs = now - Date.parse(instant);
  const format = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
  const distanceMs = elapsedMs <= -LEAST_AHEAD_MS ? -elapsedMs : Math.max(0, elapsedMs);
  const [unit, unitMs] = STEPS.find(([, stepMs]) => distanceMs >= stepMs) ?? (['second', 1000] as const);
  const count = Math.floor(distanceMs / unitMs);
  return format.format(elapsedMs < 0 ? count : -count, unit);
}

/** `1 Mar 2026, 12:00:05` in the viewer's own zone. */
export function formatLocalTime(instant: string, locale: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'medium' }).format(Date.parse(instant));
}

/** `2026-03-01 12:00:05 UTC`: one spelling for everybody who looks at the same log line. */
export function formatUtc(instant: string): string {
  return `${new Date(instant).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** `4:05` of what is left until an instant; `0:00` once it has passed. */
export function formatCountdown(instant: string, now: number): string {
  const leftSeconds = Math.max(0, Math.ceil((Date.parse(instant) - now) / 1000));
  return `${Math.floor(leftSeconds / 60)}:${String(leftSeconds % 60).padStart(2, '0')}`;
}

const DURATIONS: readonly (readonly [string, number])[] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1000],
];

/**
 * `5 minutes`, `90 seconds`: in the largest unit that gives a whole number. In Russian short, because a word after it would
 * have to be in another case (`за 1 минуту`, `1 минута`).
 */
export function formatDuration(durationMs: number, locale: string): string {
  const [unit, unitMs] =
    DURATIONS.find(([, stepMs]) => durationMs >= stepMs && durationMs % stepMs === 0) ?? (['second', 1000] as const);
  const unitDisplay = locale === 'ru' ? 'short' : 'long';
  return new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay }).format(durationMs / unitMs);
}
