import { z } from 'zod';

export const MAX_METRICS_PATH_LENGTH = 256;

/** RFC 3986 path and query, escapes included; one that begins with "//" would name a host. */
const METRICS_PATH = /^\/(?!\/)[A-Za-z0-9\-._~!$&'()*+,;=:@/?%]*$/;

/**
 * Where an application tells its figures: `/metrics`, `/v1/metrics?format=prometheus`. It goes into a request line as it
 * is, so it has no scheme, host, fragment, space or control character.
 */
export const metricsPath = z
  .string()
  .trim()
  .max(MAX_METRICS_PATH_LENGTH, `must have at most ${MAX_METRICS_PATH_LENGTH} characters`)
  .regex(METRICS_PATH, 'is not a path of metrics; it starts with one / and has no spaces and no #, such as /metrics');
