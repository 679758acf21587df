import { parseMetricsMessage, parseTelemetrySubject } from '@flotilla/contracts';
import type { AgentSample } from '@flotilla/core-db';
import { parseJsonBody, type ParsedMessage } from '../consumer/parse-message.ts';

/** A sample, with what of it could not be true. */
export interface ReceivedSample extends AgentSample {
  readonly refusedValues: number;
}

/** Reads a message of METRICS. Whose it is says the subject, which the bus's server enforces, and never the body. */
export function parseSample(body: Uint8Array, subject: string): ParsedMessage<ReceivedSample> {
  const agentId = parseTelemetrySubject(subject);
  if (agentId === null) return { ok: false, reason: `the subject ${subject} names no agent` };
  const json = parseJsonBody(body);
  if (!json.ok) return json;
  const parsed = parseMetricsMessage(json.value);
  if (!parsed.ok) return parsed;
  return { ok: true, value: { agentId, sample: parsed.sample, refusedValues: parsed.refused } };
}
