import { MAX_SERIES_NAME_LENGTH } from '@flotilla/contracts';
import { SeriesGatherer, type ParsedAnswer } from './custom-reading.ts';
import { formatCustomName } from './format-custom-name.ts';

/** Objects within objects; what lies deeper is left out. */
const MAX_DEPTH = 10;
/** Lists count here. Half a million of them fit into an answer, and would take half a second and 100 MB. */
const MAX_NESTING = 100;

/**
 * Figures of a JSON object, by dotted names: `{"queue":{"length":3}}` is `queue.length`. Numbers as they are, `true` as 1
 * and `false` as 0. Texts and nulls are no figures. Nor are lists: a place in a list is no name, and an element that moves
 * up would go on as another series.
 */
export function parseJsonMetrics(text: string): ParsedAnswer {
  if (isNestedDeeper(text, MAX_NESTING))
    return { ok: false, reason: `the answer is nested deeper than ${MAX_NESTING}` };
  const value = parseJson(text);
  if (!isObject(value)) {
    return { ok: false, reason: value === undefined ? 'the answer is not JSON' : 'the answer’s JSON is not an object' };
  }
  const gatherer = new SeriesGatherer();
  gather(value, '', 1, gatherer);
  return { ok: true, reading: gatherer.reading };
}

/** Its depth is bounded, so the recursion is. The names grow only, so nothing below one that is too long is looked at. */
function gather(object: object, prefix: string, depth: number, gatherer: SeriesGatherer): void {
  for (const [key, value] of Object.entries(object) as [string, unknown][]) {
    if (!isFigure(value) && !isObject(value)) continue;
    if (prefix.length + key.length > MAX_SERIES_NAME_LENGTH || (isObject(value) && depth === MAX_DEPTH)) {
      gatherer.left += 1;
      continue;
    }
    const name = prefix + (key === '' ? '_' : key);
    if (isObject(value)) gather(value, `${name}.`, depth + 1, gatherer);
    else gatherer.add(gatherer.isFull ? null : formatCustomName(name), Number(value));
  }
}

function isFigure(value: unknown): value is number | boolean {
  // 1e999 is JSON, and infinite.
  return typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value));
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const [QUOTE, BACKSLASH] = [0x22, 0x5c];

/** Looks at brackets outside of texts only; of what is no JSON, JSON.parse says so. */
function isNestedDeeper(text: string, most: number): boolean {
  let depth = 0;
  let isText = false;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit === QUOTE) isText = !isText;
    else if (isText && unit === BACKSLASH) at += 1;
    else if (!isText) depth += changeOfDepth(unit);
    if (depth > most) return true;
  }
  return false;
}

/** `[` and `{` lie two before `]` and `}`, and differ from each other in one bit. */
function changeOfDepth(unit: number): -1 | 0 | 1 {
  const square = unit & ~0x20;
  if (square === 0x5b) return 1;
  return square === 0x5d ? -1 : 0;
}

/** Undefined, which no JSON is, for what is none. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
