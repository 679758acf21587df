import { parseMetricsMessage, parseTelemetrySubject } from '@flotilla/contracts';
import type { AgentSample } from '@flotilla/core-db';
import { parseJsonBody, type ParseMessage } from '../consumer/parse-message.ts';
import { RowHeadsCache } from './row-heads.ts';
import { parseKnownSample } from './parse-known-sample.ts';

/** A sample, with what of it could not be true. */
export interface ReceivedSample extends AgentSample {
  readonly refusedValues: number;
}

/**
 * Makes a reader of messages of METRICS. Whose a sample is says the subject, which the bus's server enforces, and never
 * the body.
 */
export function createSampleParser(): ParseMessage<ReceivedSample> {
  const heads = new RowHeadsCache();
  return (body, subject) => {
    const agentId = parseTelemetrySubject(subject);
    if (agentId === null) return { ok: false, reason: `the subject ${subject} names no agent` };
    const expected = heads.get(agentId);
    const known = parseKnownSample(body, expected);
    if (known !== null) {
      if (known.heads !== expected) heads.set(agentId, known.heads);
      return { ok: true, value: { agentId, sample: known.sample, refusedValues: known.refused } };
    }
    const json = parseJsonBody(body);
    if (!json.ok) return json;
    const parsed = parseMetricsMessage(json.value);
    if (!parsed.ok) return parsed;
    return { ok: true, value: { agentId, sample: parsed.sample, refusedValues: parsed.refused } };
  };
}
