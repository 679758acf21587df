import { z } from 'zod';

/**
 * A span of time in whole milliseconds.
 * @param minMs smallest accepted value, inclusive
 * @param maxMs largest accepted value, inclusive
 */
export function durationMs(minMs: number, maxMs: number) {
  const message = `must be a whole number of milliseconds from ${minMs} to ${maxMs}`;
  return z.number(message).int(message).min(minMs, message).max(maxMs, message);
}
