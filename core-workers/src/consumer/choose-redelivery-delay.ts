const FIRST_MS = 500;
const LONGEST_MS = 60_000;

/**
 * How long the bus waits before it delivers a failed message again: 500 ms, doubled with each delivery up to a minute.
 * @param deliveries how often it was delivered so far, from 1
 */
export function chooseRedeliveryDelayMs(deliveries: number): number {
  return Math.min(LONGEST_MS, FIRST_MS * 2 ** (deliveries - 1));
}
