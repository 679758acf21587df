/** Where a chart draws its lines, in pixels of its box, and the time that this is, in milliseconds since the epoch. */
export interface PlotFrame {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly from: number;
  readonly to: number;
}

/** The time at a pixel; beside the lines that of the nearer end. */
export function planTimeAt({ left, right, from, to }: PlotFrame, px: number): number {
  const share = right > left ? (px - left) / (right - left) : 0;
  return from + Math.min(1, Math.max(0, share)) * (to - from);
}

/** The pixel at a time; null for a time that is not shown. */
export function planPixelAt({ left, right, from, to }: PlotFrame, time: number): number | null {
  if (time < from || time > to || to <= from) return null;
  return left + ((time - from) / (to - from)) * (right - left);
}
