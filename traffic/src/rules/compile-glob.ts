const ONE_OF_SEGMENT = -1;
const MANY_OF_SEGMENT = -2;
const MANY = -3;
const SLASH = 0x2f;

/** @param path as `plainPath` gives it */
export type PathTest = (path: string) => boolean;

/**
 * Makes a test of a rule's path: `*` is anything within a segment, `**` anything, `?` one character. Its time is at most the
 * product of both lengths, whatever the path is made of.
 */
export function compileGlob(typed: string): PathTest {
  const glob = typed.toLowerCase();
  if (!/[*?]/.test(glob)) return (path) => path === glob;
  const rest = glob.replaceAll('**', '');
  const hasOneMany = rest.length === glob.length - 2 && !/[*?]/.test(rest);
  // Nearly all globs are these, and they cost next to nothing.
  if (hasOneMany && glob.startsWith('**')) return (path) => path.endsWith(rest);
  if (hasOneMany && glob.endsWith('**')) return (path) => path.startsWith(rest);
  const tokens = tokenise(glob);
  return (path) => matches(tokens, path);
}

function tokenise(glob: string): number[] {
  const parts = glob.match(/\*{2,}|[^]/g) ?? [];
  return parts.map((part) => {
    if (part === '*') return MANY_OF_SEGMENT;
    if (part === '?') return ONE_OF_SEGMENT;
    return part.length > 1 ? MANY : part.charCodeAt(0);
  });
}

/** Goes through the path once with all the places in the glob where it may be. */
function matches(tokens: readonly number[], path: string): boolean {
  let places = new Uint8Array(tokens.length + 1);
  let next = new Uint8Array(tokens.length + 1);
  enter(places, tokens, 0);
  for (let at = 0; at < path.length; at += 1) {
    const code = path.charCodeAt(at);
    next.fill(0);
    for (let place = 0; place < tokens.length; place += 1) {
      if (places[place] === 0) continue;
      const token = tokens[place];
      if (token === MANY || (token === MANY_OF_SEGMENT && code !== SLASH)) enter(next, tokens, place);
      else if (token === code || (token === ONE_OF_SEGMENT && code !== SLASH)) enter(next, tokens, place + 1);
    }
    [places, next] = [next, places];
  }
  return places[tokens.length] === 1;
}

/** What may be anything may also be nothing, so the place behind it is open as well. */
function enter(places: Uint8Array, tokens: readonly number[], from: number): void {
  for (let place = from; places[place] === 0; place += 1) {
    places[place] = 1;
    const token = tokens[place];
    if (token !== MANY && token !== MANY_OF_SEGMENT) return;
  }
}
