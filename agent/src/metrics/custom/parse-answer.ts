import type { ParsedAnswer } from './custom-reading.ts';
import { parseJsonMetrics } from './parse-json-metrics.ts';
import { parsePrometheusText } from './parse-prometheus-text.ts';

const JSON_TYPE = /^application\/(?:[a-z0-9.+-]+\+)?json$/;
const TEXT_TYPES: ReadonlySet<string> = new Set(['text/plain', 'application/openmetrics-text', '']);

/**
 * Figures of an answer, by its type. A text that begins with a brace is JSON of a server that does not say so; in
 * Prometheus's format nothing begins like that.
 */
export function parseAnswer(text: string, contentType: string): ParsedAnswer {
  const [type = ''] = contentType.toLowerCase().split(';', 1);
  const essence = type.trim();
  if (JSON_TYPE.test(essence)) return parseJsonMetrics(text);
  if (!TEXT_TYPES.has(essence)) {
    return { ok: false, reason: `the answer’s type ${essence.slice(0, 100)} is neither JSON nor Prometheus’s text` };
  }
  return /^\s*\{/.test(text) ? parseJsonMetrics(text) : parsePrometheusText(text);
}
