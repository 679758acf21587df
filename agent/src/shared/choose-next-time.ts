/** A clock that goes back by less was corrected a little, and is waited for. */
const WAIT_FOR_CLOCK_MS = 10_000;

/**
 * The time of the next message: the Core's, as far as it is known, and later than all before. Only a clock that
 * turns out to have been far ahead makes it go back: for who decides by it, time would stand still until then.
 * @param lastMs of the message before; 0 when there was none
 */
export function chooseNextTime(nowMs: number, lastMs: number): number {
  return nowMs > lastMs || lastMs - nowMs > WAIT_FOR_CLOCK_MS ? nowMs : lastMs + 1;
}
