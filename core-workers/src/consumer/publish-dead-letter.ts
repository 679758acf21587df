import { MAX_DEAD_LETTER_BODY_BYTES, subjects, type DeadLetter } from '@flotilla/contracts';
import type { JetStreamClient } from '@nats-io/jetstream';

/** A message that is given up: what it was, and why. */
export interface GivenUpMessage extends Omit<DeadLetter, 'body' | 'at'> {
  readonly body: Uint8Array;
}

/**
 * Puts a message among the dead letters; resolves when the stream has stored it.
 * @param messageId names the message: doing it again for the same one within the stream's window changes nothing
 */
export async function publishDeadLetter(
  jetstream: JetStreamClient,
  { body, ...message }: GivenUpMessage,
  messageId = `${message.stream}.${message.consumer}.${message.sequence}`,
): Promise<void> {
  const letter: DeadLetter = {
    ...message,
    at: new Date().toISOString(),
    body: Buffer.from(body.subarray(0, MAX_DEAD_LETTER_BODY_BYTES)).toString('base64'),
  };
  await jetstream.publish(subjects.deadLetter(message.stream, message.consumer), JSON.stringify(letter), {
    msgID: messageId,
  });
}
