/** A tick so near would be the one that was just taken, called a little early. */
const LEAST_SHARE = 0.1;

/** Where in the interval this agent takes its samples: a fleet does not send in one moment. */
export function chooseSamplePhaseMs(agentId: string, intervalMs: number): number {
  // The end of an id is random, its beginning is a time.
  return Number.parseInt(agentId.replaceAll('-', '').slice(-8), 16) % intervalMs;
}

export interface SampleSchedule {
  /** By the Core's clock, so that the phase is the same after a restart. */
  readonly nowMs: number;
  readonly intervalMs: number;
  readonly phaseMs: number;
}

/** Milliseconds until the next tick. What took too long has missed ticks, which are not made up for. */
export function chooseSampleDelayMs({ nowMs, intervalMs, phaseMs }: SampleSchedule): number {
  const sinceTickMs = (((nowMs - phaseMs) % intervalMs) + intervalMs) % intervalMs;
  const delayMs = intervalMs - sinceTickMs;
  return delayMs < intervalMs * LEAST_SHARE ? delayMs + intervalMs : delayMs;
}
