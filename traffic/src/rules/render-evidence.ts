import { MAX_SAMPLE_LENGTH } from '@flotilla/contracts';
import { escapeControl } from './escape-control.ts';
import type { Observation } from './observation.ts';

/** One line for what was seen: the log's own, or one that says the same. Never with control characters. */
export function renderEvidence(observation: Observation): string {
  const line = observation.of === 'suspicious' ? (observation.sample ?? describe(observation)) : describe(observation);
  return escapeControl(line).slice(0, MAX_SAMPLE_LENGTH).toWellFormed();
}

function describe(observation: Observation): string {
  const time = new Date(observation.timeMs).toISOString();
  const { client, nodeId, count } = observation;
  if (observation.of === 'volume') return `${time} ${client} ${count} requests at ${nodeId}`;
  const { method, path, status, userAgent, serviceId } = observation;
  const request = `"${method ?? '-'} ${path ?? '-'}" ${status ?? '-'} "${userAgent ?? '-'}"`;
  const times = count === 1 ? '' : ` ${count} times`;
  return `${time} ${client} ${request}${times} of ${serviceId ?? 'no service'} at ${nodeId}`;
}
