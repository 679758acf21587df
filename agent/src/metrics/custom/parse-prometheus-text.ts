import { SeriesGatherer, type ParsedAnswer } from './custom-reading.ts';
import { formatCustomName } from './format-custom-name.ts';

/** Longer ones are left out unread; a name with labels is stored up to 200 characters. */
const MAX_LINE_LENGTH = 4096;
const MAX_VALUE_LENGTH = 64;
/** So many lines that are not kept tell enough: what comes after them is not looked at. */
const MAX_LEFT = 5000;

const NAME = /[a-zA-Z_:][a-zA-Z0-9_:]*/y;
const LABEL = /[ \t]*([a-zA-Z_][a-zA-Z0-9_]*)[ \t]*=[ \t]*"((?:[^"\\]|\\.)*)"[ \t]*/y;
const LABELS_END = /[ \t]*\}/y;
const VALUE = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const NO_NUMBER = /^(?:nan|[+-]?inf(?:inity)?)$/i;
const TIMESTAMP = /^-?[\d.]+(?:[eE][+-]?\d+)?$/;

/** What a line holds. */
type Line =
  | { readonly kind: 'sample'; readonly name: string; readonly value: number }
  /** Right, and no figure: NaN, a bucket. */
  | { readonly kind: 'passed' }
  /** A comment, or nothing. */
  | { readonly kind: 'blank' }
  | { readonly kind: 'wrong' };

const PASSED: Line = { kind: 'passed' };
const BLANK: Line = { kind: 'blank' };
const WRONG: Line = { kind: 'wrong' };

/**
 * Samples of Prometheus's text format 0.0.4, and of OpenMetrics as far as it is the same. Counters, gauges and untyped ones
 * are kept as they are told; of summaries the quantiles, sum and count; of histograms sum and count, because the buckets
 * would be ten times as many series. A name carries its labels, in the order of their names: `jobs{queue="mail"}`.
 * NaN and infinities are no figures. Times are ignored: a value counts from when it was read. A wrong line costs itself.
 */
export function parsePrometheusText(text: string): ParsedAnswer {
  const gatherer = new SeriesGatherer();
  let isAnyRight = false;
  for (let begin = 0; begin < text.length && gatherer.left < MAX_LEFT;) {
    const newline = text.indexOf('\n', begin);
    const end = newline === -1 ? text.length : newline;
    const line = end - begin > MAX_LINE_LENGTH ? WRONG : parseLine(text.slice(begin, end));
    if (line.kind === 'sample') gatherer.add(gatherer.isFull ? null : formatCustomName(line.name), line.value);
    else if (line.kind === 'wrong') gatherer.left += 1;
    isAnyRight ||= line.kind === 'sample' || line.kind === 'passed';
    begin = end + 1;
  }
  if (gatherer.left > 0 && !isAnyRight) return { ok: false, reason: 'no line is of Prometheus’s text format' };
  return { ok: true, reading: gatherer.reading };
}

function parseLine(untrimmed: string): Line {
  const line = untrimmed.trim();
  if (line === '' || line.startsWith('#')) return BLANK;
  const name = matchAt(NAME, line, 0)?.[0];
  if (name === undefined) return WRONG;
  const afterName = skipBlanks(line, name.length);
  const labels = line[afterName] === '{' ? parseLabels(line, afterName + 1) : { pairs: [], end: name.length };
  if (labels === null) return WRONG;
  const value = parseValue(line.slice(labels.end));
  if (value === 'wrong') return WRONG;
  if (value === null || isBucket(name, labels.pairs)) return PASSED;
  return { kind: 'sample', name: name + formatLabels(labels.pairs), value };
}

type LabelPair = readonly [name: string, value: string];

/** @returns the labels and where the rest of the line begins; null for what is no set of labels */
function parseLabels(line: string, begin: number): { readonly pairs: LabelPair[]; readonly end: number } | null {
  const pairs: LabelPair[] = [];
  const names = new Set<string>();
  let at = begin;
  for (;;) {
    const closing = matchAt(LABELS_END, line, at);
    if (closing !== null) return { pairs, end: at + closing[0].length };
    const [whole, name, value] = matchAt(LABEL, line, at) ?? [];
    if (whole === undefined || name === undefined || value === undefined || names.has(name)) return null;
    names.add(name);
    // An empty label is the same as none.
    if (value !== '') pairs.push([name, value]);
    at += whole.length;
    if (line[at] === ',') at += 1;
    else if (line[at] !== '}') return null;
  }
}

/** @returns null for a value that is no number; what may follow, a time and an exemplar, only has to look like them */
function parseValue(rest: string): number | null | 'wrong' {
  const [value = '', time, mark] = rest.trim().split(/[ \t]+/, 3);
  const isTimed = time !== undefined && time !== '#';
  if (isTimed && !TIMESTAMP.test(time)) return 'wrong';
  if (isTimed && mark !== undefined && mark !== '#') return 'wrong';
  if (value.length > MAX_VALUE_LENGTH) return 'wrong';
  if (NO_NUMBER.test(value)) return null;
  if (!VALUE.test(value)) return 'wrong';
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
}

function isBucket(name: string, labels: readonly LabelPair[]): boolean {
  return name.endsWith('_bucket') && labels.some(([label]) => label === 'le');
}

/** Values keep the escapes that they came with (`\\`, `\"`, `\n`), so that they can be told apart. */
function formatLabels(pairs: readonly LabelPair[]): string {
  if (pairs.length === 0) return '';
  const ordered = pairs.toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${ordered.map(([name, value]) => `${name}="${value}"`).join(',')}}`;
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

function skipBlanks(text: string, begin: number): number {
  let at = begin;
  while (text[at] === ' ' || text[at] === '\t') at += 1;
  return at;
}
