import type { ScalingPolicy } from '@flotilla/contracts';
import type { ScaleChange } from './scaling-state.ts';

type Direction = ScalingPolicy['scaleUp'];

/** 10 × (1 + 10 ÷ 100) is a little more than 11 in doubles, and no replica more. */
const ROUNDING = 1e-9;

/**
 * The furthest that steps allow from `current`, counted from what there was when their period began; null when there are no steps.
 * Source: KEP-853 and horizontal.go.
 */
export function decideStepLimit(
  { steps, select }: Direction,
  { isUp, current, changes }: { isUp: boolean; current: number; changes: readonly ScaleChange[] },
  now: number,
): number | null {
  if (steps.length === 0) return null;
  const limits = steps.map(({ by, unit, periodMs }) => {
    const start = current - sumChanges(changes, now - periodMs);
    const size = unit === 'replicas' ? by : Math.ceil((start * by) / 100 - ROUNDING);
    return isUp ? start + size : start - size;
  });
  const isHighest = isUp === (select === 'most');
  const limit = isHighest ? Math.max(...limits) : Math.min(...limits);
  return isUp ? Math.max(limit, current) : Math.max(0, Math.min(limit, current));
}

function sumChanges(changes: readonly ScaleChange[], after: number): number {
  return changes.reduce((sum, { at, by }) => (at > after ? sum + by : sum), 0);
}
