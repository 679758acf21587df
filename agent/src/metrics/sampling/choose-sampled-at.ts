/** Times are multiples of it, plus the number of their timeline. */
const TIMELINES = 8;
/** Within this a clock that goes back is waited for: it was corrected a little. */
const WAIT_FOR_CLOCK_MS = 10_000;
/** The year 2020: a host without a clock of its own begins in 1970, and the Core refuses such times. */
const EARLIEST_MS = 1_577_836_800_000;

export interface SampledAtInputs {
  /** By the Core's clock, as far as it is known. */
  readonly nowMs: number;
  /** Of the sample before, also of the agent's run before; 0 when there was none. */
  readonly lastMs: number;
}

/**
 * The time of a sample, unlike that of every other sample of this agent: agent and time are its key in the table. It grows
 * from sample to sample.
 *
 * Only a clock that turns out to have been far ahead makes it go back, instead of squeezing the samples of the time until
 * then into milliseconds (of a host that began in the year 2040: for ever). What follows is a new timeline, and each of
 * eight has its own remainder modulo 8, so that it meets no time that was used before. Null when the clock cannot be right.
 */
export function chooseSampledAt({ nowMs, lastMs }: SampledAtInputs): number | null {
  if (nowMs < EARLIEST_MS) return null;
  const timeline = lastMs % TIMELINES;
  const wanted = Math.floor(nowMs / TIMELINES) * TIMELINES;
  if (wanted + timeline > lastMs) return wanted + timeline;
  if (lastMs - nowMs < WAIT_FOR_CLOCK_MS) return lastMs + TIMELINES;
  return wanted + ((timeline + 1) % TIMELINES);
}
