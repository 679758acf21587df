import { parseTelemetrySubject, suspectsMessage, type SuspectsMessage } from '@flotilla/contracts';
import { parseMessage, type ParsedMessage } from '../consumer/parse-message.ts';

export interface AgentSuspects {
  /** Of the subject, which the bus's server has enforced. */
  readonly agentId: string;
  readonly message: SuspectsMessage;
}

/** Reads a message of SUSPECTS, or says what is wrong with it. */
export function parseSuspects(body: Uint8Array, subject: string): ParsedMessage<AgentSuspects> {
  const agentId = parseTelemetrySubject(subject);
  if (agentId === null) return { ok: false, reason: `the subject ${subject} names no agent` };
  const parsed = parseMessage(suspectsMessage, body);
  return parsed.ok ? { ok: true, value: { agentId, message: parsed.value } } : parsed;
}
