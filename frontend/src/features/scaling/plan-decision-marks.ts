import type { ScalingDecision } from '@flotilla/contracts';
import { planPixelAt, type PlotFrame } from '../../shared/charts/plan-plot-frame.ts';

/** Decisions that stand so near to each other in a chart that a finger could not tell them apart. */
export interface DecisionMark {
  readonly px: number;
  /** Newest first, as they come. */
  readonly decisions: readonly ScalingDecision[];
}

/** As wide as a mark can be hit (WCAG 2.5.8). */
const NEAREST_PX = 24;

/**
 * Where decisions stand in a chart.
 * @param decisions newest first
 */
export function planDecisionMarks(decisions: readonly ScalingDecision[], frame: PlotFrame): DecisionMark[] {
  const marks: { px: number; decisions: ScalingDecision[] }[] = [];
  for (const decision of decisions) {
    const px = planPixelAt(frame, Date.parse(decision.at));
    const last = marks.at(-1);
    if (px === null) continue;
    if (last !== undefined && last.px - px < NEAREST_PX) last.decisions.push(decision);
    else marks.push({ px, decisions: [decision] });
  }
  return marks;
}
