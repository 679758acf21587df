import type { BusConnection } from '@flotilla/runtime';
import { publishDeadLetter, type GivenUpMessage } from './publish-dead-letter.ts';

/** Makes a dead letter of a message that is still in its stream. */
export async function buryMessage(
  bus: Pick<BusConnection, 'jetstream' | 'jetstreamManager'>,
  place: Omit<GivenUpMessage, 'subject' | 'body'> & { readonly sequence: number },
): Promise<void> {
  const manager = await bus.jetstreamManager();
  // Null when the stream's own bounds have removed it meanwhile.
  const stored = await manager.streams.getMessage(place.stream, { seq: place.sequence });
  await publishDeadLetter(bus.jetstream, {
    ...place,
    subject: stored?.subject ?? '',
    body: stored?.data ?? new Uint8Array(),
  });
}
