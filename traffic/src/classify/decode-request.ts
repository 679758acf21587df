/** Of a longer text its beginning and its end are looked at: what is hidden in between reaches no shell or database either. */
const HEAD_LENGTH = 3072;
const TAIL_LENGTH = 1024;
/** What is encoded more often is meant for nobody that decodes. */
const MOST_ROUNDS = 3;

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', amp: '&', apos: "'", nbsp: ' ' };

/** What a request asks for, in plain words: decoded as often as it was encoded, in lower case. */
export interface DecodedRequest {
  /** With `\` as `/`, without doubled slashes and path parameters (`;…`). */
  readonly path: string;
  /** Names and values of the query, each by itself: what stands between `&` is no shell's `&`. */
  readonly parts: readonly string[];
}

export function decodeRequest(uri: string): DecodedRequest {
  const whole = cut(uri);
  const mark = whole.indexOf('?');
  const path = mark === -1 ? whole : whole.slice(0, mark);
  const query = mark === -1 ? '' : whole.slice(mark + 1);
  const decodedPath = decodeText(path);
  return {
    path: decodedPath
      .replaceAll('\\', '/')
      .replaceAll(/;[^/]*/g, '')
      .replaceAll(/\/{2,}/g, '/'),
    parts: [path, ...(query === '' ? [] : query.split('&').map((part) => part.replaceAll('+', ' ')))].flatMap(
      listReadings,
    ),
  };
}

/** To a shell a new line is the end of a command, to a database it is a blank. */
function listReadings(part: string): string[] {
  const decoded = decodeRounds(part);
  const isLines = /[\r\n]/.test(decoded);
  return [simplify(decoded), ...(isLines ? [simplify(decoded.replaceAll(/[\r\n]+/g, ';'))] : [])];
}

/** A header, for what is looked for in these as well. */
export function decodeHeader(text: string): string {
  return decodeText(cut(text));
}

function cut(text: string): string {
  if (text.length <= HEAD_LENGTH + TAIL_LENGTH) return text;
  return `${text.slice(0, HEAD_LENGTH)} ${text.slice(-TAIL_LENGTH)}`;
}

function decodeText(text: string): string {
  return simplify(decodeRounds(text));
}

function decodeRounds(text: string): string {
  let decoded = text;
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const next = decodePercent(decoded);
    if (next === decoded) break;
    decoded = next;
  }
  return decodeEntities(decoded);
}

/** In lower case, with comments of SQL as the blanks that they are, and one blank for several. */
function simplify(text: string): string {
  return text
    .toLowerCase()
    .replaceAll('\0', '')
    .replaceAll(/\/\*[^*]{0,50}\*\//g, ' ')
    .replaceAll(/\s+/g, ' ');
}

function decodePercent(text: string): string {
  if (!text.includes('%')) return text;
  return (
    text
      .replaceAll(/%u00([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
      // Two bytes for one that needs one (overlong UTF-8): `%c0%ae` is a dot to who decodes carelessly.
      .replaceAll(/%c([01])%([89ab][0-9a-f])/gi, (_, lead: string, low: string) =>
        String.fromCharCode((Number(lead) << 6) | (Number.parseInt(low, 16) & 0x3f)),
      )
      .replaceAll(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  );
}

function decodeEntities(text: string): string {
  if (!text.includes('&')) return text;
  return text
    .replaceAll(/&#(\d{1,5});?/g, (_, code: string) => String.fromCharCode(Number(code)))
    .replaceAll(/&#x([0-9a-f]{1,4});?/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
    .replaceAll(/&(lt|gt|quot|amp|apos|nbsp);/gi, (whole, name: string) => ENTITIES[name.toLowerCase()] ?? whole);
}
