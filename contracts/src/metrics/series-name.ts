import { z } from 'zod';

export const MAX_SERIES_NAME_LENGTH = 200;

/**
 * Name of a series beyond the fixed figures. Those of the agent begin with `host.` (`host.disk.sda.readBytesPerSecond`);
 * an application's are its own, flattened to dotted names, Prometheus labels in braces as they came.
 */
export const seriesName = z
  .string()
  .min(1, 'must not be empty')
  .max(MAX_SERIES_NAME_LENGTH, `must have at most ${MAX_SERIES_NAME_LENGTH} characters`)
  .regex(
    /^[a-zA-Z_][\x20-\x7e]*$/,
    'is not a series name; it begins with a letter and has printable ASCII characters only',
  );
