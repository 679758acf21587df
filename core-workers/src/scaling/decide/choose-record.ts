import type { ScalingDecision, ScalingLimit, ScalingLimitKind } from '@flotilla/contracts';
import type { RecordedHold } from './scaling-state.ts';

/** What keeps a number as it is and an operator wants to know of; the others are the policy's everyday work. */
const WORTH_RECORDING: ReadonlySet<ScalingLimitKind> = new Set([
  'unreadable_target',
  'flapping',
  'disabled_direction',
  'maximum',
  'schedule',
  'capacity',
  'paused',
] satisfies ScalingLimitKind[]);

/** The same thing is recorded once in so long while it goes on. */
const REPEAT_AFTER_MS = 600_000;
const MOST_HOLDS = 32;

/** What is recorded of an evaluation; null for nothing. */
export interface ChosenRecord {
  readonly outcome: ScalingDecision['outcome'];
  /** For `scaled` what the number becomes, else what it would have become. */
  readonly to: number;
}

export interface RecordChoice {
  readonly record: ChosenRecord | null;
  readonly holds: readonly RecordedHold[];
}

/**
 * Each change is recorded, and what prevented one when it is worth it, without a row for each sample.
 *
 * @param change what is there, and what it is to become by all rules but pause and dry run
 */
export function chooseRecord(
  change: { from: number; to: number; isPaused: boolean; isDryRun: boolean },
  limits: readonly ScalingLimit[],
  holds: readonly RecordedHold[],
  now: number,
): RecordChoice {
  const { from, to, isPaused, isDryRun } = change;
  const isActing = to !== from && !isPaused;
  if (isActing && !isDryRun) return { record: { outcome: 'scaled', to }, holds };
  const holding = limits.findLast(({ kind, from: before }) => WORTH_RECORDING.has(kind) && before !== from);
  const held = isActing ? { kind: 'dry_run', from: to } : holding;
  if (held === undefined) return { record: null, holds };

  const outcome = isActing ? 'dry_run' : 'held';
  // A dry run tells each number; what else holds is one thing for each direction, however far the load swings.
  const key = isActing ? `dry_run:${to}` : `${held.kind}:${held.from > from ? 'up' : 'down'}`;
  const recent = holds.filter(({ at }) => now - at < REPEAT_AFTER_MS);
  if (recent.some((hold) => hold.key === key)) return { record: null, holds };
  return { record: { outcome, to: held.from }, holds: [...recent, { key, at: now }].slice(-MOST_HOLDS) };
}
