import { z } from 'zod';
import { instant } from '../values/identifiers.ts';

/** A message that a consumer gave up on, with the reason. */
export const deadLetter = z.object({
  /** Stream and its consumer, or `OUTBOX` and `relay` for what could not be published at all. */
  stream: z.string(),
  consumer: z.string(),
  /** The message's number in the stream; null for one of the outbox. */
  sequence: z.number().int().min(0).nullable(),
  subject: z.string(),
  deliveries: z.number().int().min(0),
  reason: z.string(),
  at: instant,
  /** The body as it came, in base64; cut off after `MAX_DEAD_LETTER_BODY_BYTES`. */
  body: z.string(),
});
export type DeadLetter = z.infer<typeof deadLetter>;

/** How much of a body a dead letter keeps: in base64 well below the stream's largest message. */
export const MAX_DEAD_LETTER_BODY_BYTES = 512 * 1024;
