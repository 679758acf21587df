import { z } from 'zod';

export const MAX_SERIES_NAME_LENGTH = 200;

const SERIES_NAME = /^[a-zA-Z_][\x20-\x7e]*$/;

/**
 * Name of a series beyond the fixed figures. Those of the agent begin with `host.` (`host.disk.sda.readBytesPerSecond`);
 * an application's are its own, flattened to dotted names, Prometheus labels in braces as they came.
 */
export const seriesName = z
  .string()
  .min(1, 'must not be empty')
  .max(MAX_SERIES_NAME_LENGTH, `must have at most ${MAX_SERIES_NAME_LENGTH} characters`)
  .regex(SERIES_NAME, 'is not a series name; it begins with a letter and has printable ASCII characters only');

/** The same rule without its words, for the many names of a sample. */
export function isSeriesName(name: unknown): name is string {
  return typeof name === 'string' && name.length <= MAX_SERIES_NAME_LENGTH && SERIES_NAME.test(name);
}
