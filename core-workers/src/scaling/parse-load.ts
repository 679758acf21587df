import { loadMessage, parseTelemetrySubject, type LoadMessage } from '@flotilla/contracts';
import { parseMessage, type ParsedMessage } from '../consumer/parse-message.ts';

/** A clock that is further off is wrong, or the message was kept back: it says nothing of now. */
const LARGEST_OFFSET_MS = 600_000;

export interface AgentLoad extends LoadMessage {
  /** Of the subject, which the bus's server has enforced. */
  readonly agentId: string;
}

/**
 * Reads a message of LOAD, or says what is wrong with it.
 * @param storedAt when the stream took it, in milliseconds since the epoch
 */
export function parseLoad(body: Uint8Array, subject: string, storedAt: number): ParsedMessage<AgentLoad> {
  const agentId = parseTelemetrySubject(subject);
  if (agentId === null) return { ok: false, reason: `the subject ${subject} names no agent` };
  const parsed = parseMessage(loadMessage, body);
  if (!parsed.ok) return parsed;
  const offsetMs = Math.abs(parsed.value.sampledAt - storedAt);
  if (offsetMs > LARGEST_OFFSET_MS) return { ok: false, reason: `its time is ${offsetMs} ms off` };
  return { ok: true, value: { ...parsed.value, agentId } };
}
