import { DEAD_LETTERS_STREAM, deadLetter, type DeadLetter } from '@flotilla/contracts';
import { withinBound, type BusConnection } from '@flotilla/runtime';

const BOUND_MS = 3000;

/**
 * The newest dead letters, newest first, and how many there are. One that cannot be read, of another version, is left out.
 * @throws when the bus does not answer within 3 s
 */
export async function readDeadLetters(
  bus: BusConnection,
  limit: number,
): Promise<{ readonly items: DeadLetter[]; readonly total: number }> {
  return withinBound('the answer of the bus', BOUND_MS, readNewest(bus, limit));
}

async function readNewest(bus: BusConnection, limit: number) {
  const { streams } = await bus.jetstreamManager();
  const { state } = await streams.info(DEAD_LETTERS_STREAM.name);
  const items: DeadLetter[] = [];
  for (let seq = state.last_seq; seq >= state.first_seq && seq > 0 && items.length < limit; seq -= 1) {
    const stored = await streams.getMessage(DEAD_LETTERS_STREAM.name, { seq });
    const parsed = deadLetter.safeParse(stored?.json());
    if (parsed.success) items.push(parsed.data);
  }
  return { items, total: state.messages };
}
