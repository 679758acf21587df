import { z } from 'zod';

export const MAX_TOP_ENTRIES = 20;
export const MAX_TOP_KEY_LENGTH = 256;
const amount = z.number().int().min(0);

/** What came most often, counted in bounded memory. */
export const topList = z.object({
  entries: z
    .array(
      z
        .object({
          key: z.string().max(MAX_TOP_KEY_LENGTH),
          /** Never too low, too high by at most `error`. */
          count: amount,
          error: amount,
        })
        .refine((entry) => entry.error <= entry.count, 'has an error above its count'),
    )
    .max(MAX_TOP_ENTRIES),
  /** All that was counted, those of the entries and the rest; exact. */
  total: amount,
  /** No key that is not among the entries came more often. 0 says that there is none. */
  othersAtMost: amount,
});
export type TopList = z.infer<typeof topList>;
