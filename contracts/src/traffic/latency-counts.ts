import { z } from 'zod';

/** Buckets that a histogram of latencies has, up to 12 days. */
const MAX_BUCKETS = 832;

/** How many requests took how long: pairs of a bucket of the histogram and its count, each bucket once, without empty ones. */
export const latencyCounts = z
  .array(
    z.tuple([
      z
        .number()
        .int()
        .min(0)
        .max(MAX_BUCKETS - 1),
      z.number().int().min(1),
    ]),
  )
  .max(MAX_BUCKETS)
  .refine((counts) => new Set(counts.map(([bucket]) => bucket)).size === counts.length, 'has a bucket twice');
export type LatencyCounts = z.infer<typeof latencyCounts>;
