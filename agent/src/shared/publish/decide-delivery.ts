import type { Ack } from '../parse-ack.ts';

/** JetStream's "this message is wrong": too large, header too large. The same message is wrong every time. */
const WRONG_MESSAGE = 400;
/** How often one message may be refused while the stream takes others. */
export const MAX_REFUSALS = 8;

export interface DeliveryHistory {
  /** Answers that refused this message, and answers that did not come, this time included. */
  readonly failures: number;
  /** The stream has taken others since the first of them: so it is not the stream. */
  readonly areOthersStored: boolean;
}

export type Delivery = { readonly action: 'done' } | { readonly action: 'resend' | 'discard'; readonly reason: string };

/** What to do with a message that was answered, or not (null) in time. */
export function decideDelivery(ack: Ack | null, { failures, areOthersStored }: DeliveryHistory): Delivery {
  if (ack?.kind === 'stored') return { action: 'done' };
  const reason = ack?.reason ?? 'no answer in time';
  if (ack?.code === WRONG_MESSAGE) return { action: 'discard', reason };
  if (failures >= MAX_REFUSALS && areOthersStored) {
    return { action: 'discard', reason: `${reason}, ${failures} times, while others are taken` };
  }
  return { action: 'resend', reason };
}
