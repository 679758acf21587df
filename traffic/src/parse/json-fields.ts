const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const COMMA = 0x2c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const BLANK = 0x20;

/** A value: where it begins and ends, without the quotes of a string. */
export interface JsonSpan {
  readonly from: number;
  readonly to: number;
  readonly isString: boolean;
}

/**
 * Finds the values of an object's own keys; what is nested is passed over. More lenient than JSON in what nginx writes for a value
 * that is not there: nothing (`"a":,`), or `-`. Of a key that comes twice the first one counts.
 * @param line one object, and blanks around it
 * @param names by the length of the key; only these are looked for
 * @returns null when it is no object, or not whole
 */
export function findJsonFields(
  line: Uint8Array,
  names: ReadonlyMap<number, readonly (readonly [key: Uint8Array, name: string])[]>,
): Map<string, JsonSpan> | null {
  const found = new Map<string, JsonSpan>();
  let at = skipBlanks(line, 0);
  if (line[at] !== OPEN_BRACE) return null;
  at = skipBlanks(line, at + 1);
  if (line[at] === CLOSE_BRACE) return skipBlanks(line, at + 1) === line.length ? found : null;
  for (;;) {
    const keyEnd = line[at] === QUOTE ? findStringEnd(line, at + 1) : -1;
    if (keyEnd === -1) return null;
    const name = nameOf(line, at + 1, keyEnd, names);
    at = skipBlanks(line, keyEnd + 1);
    if (line[at] !== COLON) return null;
    const value = readValue(line, skipBlanks(line, at + 1));
    if (value === null) return null;
    if (name !== null && !found.has(name)) found.set(name, value);
    at = skipBlanks(line, value.isString ? value.to + 1 : value.to);
    if (line[at] === CLOSE_BRACE) return skipBlanks(line, at + 1) === line.length ? found : null;
    if (line[at] !== COMMA) return null;
    at = skipBlanks(line, at + 1);
  }
}

function nameOf(
  line: Uint8Array,
  from: number,
  to: number,
  names: ReadonlyMap<number, readonly (readonly [key: Uint8Array, name: string])[]>,
): string | null {
  for (const [key, name] of names.get(to - from) ?? []) {
    let same = 0;
    while (same < key.length && line[from + same] === key[same]) same += 1;
    if (same === key.length) return name;
  }
  return null;
}

/** @returns null when it has no end */
function readValue(line: Uint8Array, at: number): JsonSpan | null {
  const first = line[at];
  if (first === QUOTE) {
    const to = findStringEnd(line, at + 1);
    return to === -1 ? null : { from: at + 1, to, isString: true };
  }
  const to = first === OPEN_BRACE || first === OPEN_BRACKET ? skipNested(line, at) : skipBare(line, at);
  return to === -1 ? null : { from: at, to, isString: false };
}

/** A number, `true`, `null`, `-`, or nothing. */
function skipBare(line: Uint8Array, from: number): number {
  for (let at = from; at < line.length; at += 1) {
    const byte = line[at] ?? 0;
    if (byte <= BLANK || byte === COMMA || byte === CLOSE_BRACE) return at;
    if (byte === QUOTE || byte === COLON) return -1;
  }
  return -1;
}

function skipNested(line: Uint8Array, from: number): number {
  let depth = 0;
  for (let at = from; at < line.length; at += 1) {
    const byte = line[at];
    if (byte === OPEN_BRACE || byte === OPEN_BRACKET) depth += 1;
    else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) depth -= 1;
    else if (byte === QUOTE) {
      at = findStringEnd(line, at + 1);
      if (at === -1) return -1;
    }
    if (depth === 0) return at + 1;
  }
  return -1;
}

/** Where the closing quote is; -1 when there is none. */
function findStringEnd(line: Uint8Array, from: number): number {
  for (let at = line.indexOf(QUOTE, from); at !== -1; at = line.indexOf(QUOTE, at + 1)) {
    let slashes = 0;
    while (at - 1 - slashes >= from && line[at - 1 - slashes] === BACKSLASH) slashes += 1;
    if (slashes % 2 === 0) return at;
  }
  return -1;
}

function skipBlanks(line: Uint8Array, from: number): number {
  let at = from;
  while (at < line.length && (line[at] ?? 0) <= BLANK) at += 1;
  return at;
}
