import type { AccessRecord } from '../access-record.ts';
import { escapeControl } from '../rules/escape-control.ts';
import { explainRules } from '../rules/explain-rules.ts';
import { explainClass } from './explain-classes.ts';
import type { LineReading } from './read-line.ts';

/** Of a longer value the beginning is shown. */
const MAX_LENGTH = 1000;

type Row = readonly [label: string, value: string];

/** A reading for people: the fields, the classes and why, and what each rule makes of it. Nothing in it moves a terminal. */
export function renderExplanation(reading: LineReading): string {
  const { format, record, classes } = reading;
  if (!record.isWellFormed) {
    const what = format === null ? 'none of the known formats' : `no line of the format ${format}`;
    return `This is ${what}: nothing in it is believed, and no rule counts it.\n`;
  }
  const reasons = classes.map((name) => [name, explainClass(name, record)] as const);
  const rules = explainRules(record, classes).map(({ ruleName, explanation }) => [ruleName, explanation] as const);
  return [
    renderSection(`Read as ${format ?? ''}`, listFields(record)),
    renderSection(reasons.length === 0 ? 'Nothing about it is suspicious' : 'What is suspicious', reasons),
    renderSection('What the rules make of it', rules),
  ].join('\n');
}

function listFields(record: AccessRecord): Row[] {
  const { timeMs, requestMs, upstreamMs } = record;
  const fields: [label: string, value: string | number | null][] = [
    ['time', timeMs === null ? null : new Date(timeMs).toISOString()],
    ['address', record.remoteAddress],
    ['user', record.remoteUser],
    ['service', record.serviceId],
    ['method', record.method],
    ['URI', record.uri],
    ['protocol', record.protocol],
    ['status', record.status],
    ['bytes', record.bytes],
    ['request time', requestMs === null ? null : `${requestMs} ms`],
    ['upstream time', upstreamMs === null ? null : `${upstreamMs} ms`],
    ['upstream', record.upstream],
    ['referrer', record.referrer],
    ['user agent', record.userAgent],
    ['request id', record.requestId],
  ];
  return fields.flatMap(([label, value]) => (value === null ? [] : [[label, String(value)] as const]));
}

function renderSection(title: string, rows: readonly Row[]): string {
  const width = Math.max(...rows.map(([label]) => label.length));
  return `${[title, ...rows.map(([label, value]) => `  ${label.padEnd(width)}  ${renderValue(value)}`)].join('\n')}\n`;
}

function renderValue(value: string): string {
  return escapeControl(
    value.length > MAX_LENGTH ? `${value.slice(0, MAX_LENGTH)}… (${value.length} characters)` : value,
  );
}
