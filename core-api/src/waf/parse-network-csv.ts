import { MAX_NETWORKS_PER_REQUEST, readCidr } from '@flotilla/contracts';

const MAX_COMMENT_LENGTH = 500;
const YEAR_MS = 365 * 86_400_000;
/** The first cell of a line that names the columns. */
const HEADER = 'network';
/** What spreadsheets take for the beginning of a formula (OWASP, CSV injection). */
const FORMULA = /^[=+\-@\t\r]/;
const CONTROL = /\p{Cc}/u;

export interface ImportedNetwork {
  /** In the text, from 1. */
  readonly line: number;
  readonly network: string;
  readonly expiresAt: Date | null;
  readonly comment: string;
}

export interface LineProblem {
  readonly line: number;
  readonly field: 'network' | 'expires' | 'comment';
  readonly message: string;
}

/** Reads networks, with when they expire (ISO 8601; empty for never) and a comment. A header, and lines without anything, are left out. */
export function parseNetworkCsv(csv: string, now: Date): { networks: ImportedNetwork[]; problems: LineProblem[] } {
  const networks: ImportedNetwork[] = [];
  const problems: LineProblem[] = [];
  for (const { line, cells } of splitCsv(csv)) {
    const [network = '', expires = '', comment = '', ...more] = cells.map((cell) => cell.trim());
    const isHeader = line === 1 && network.toLowerCase() === HEADER;
    if (isHeader || cells.every((cell) => cell.trim() === '')) continue;
    const found = checkLine(
      { network, expires, comment: unquote(comment), hasMore: more.some((cell) => cell !== '') },
      now,
    );
    problems.push(...found.problems.map((problem) => ({ line, ...problem })));
    if (networks.length >= MAX_NETWORKS_PER_REQUEST) {
      problems.push({ line, field: 'network', message: `there are more than ${MAX_NETWORKS_PER_REQUEST}` });
      break;
    }
    networks.push({ line, network: found.network, expiresAt: found.expiresAt, comment: unquote(comment) });
  }
  return { networks, problems };
}

interface Cells {
  readonly network: string;
  readonly expires: string;
  readonly comment: string;
  readonly hasMore: boolean;
}

function checkLine({ network, expires, comment, hasMore }: Cells, now: Date) {
  const problems: Omit<LineProblem, 'line'>[] = [];
  const reading = readCidr(network);
  if (!reading.ok) problems.push({ field: 'network', message: `${network} ${reading.reason}` });
  const expiresAt = expires === '' ? null : new Date(expires);
  const isTime = expiresAt === null || (/^\d{4}-\d\d-\d\d/.test(expires) && !Number.isNaN(expiresAt.getTime()));
  if (!isTime) problems.push({ field: 'expires', message: `${expires} is no time such as 2026-12-31T00:00:00Z` });
  else if (expiresAt !== null && expiresAt <= now) problems.push({ field: 'expires', message: `${expires} is over` });
  else if (expiresAt !== null && expiresAt.getTime() > now.getTime() + YEAR_MS) {
    problems.push({ field: 'expires', message: `${expires} is more than a year ahead` });
  }
  if (comment.length > MAX_COMMENT_LENGTH || CONTROL.test(comment)) {
    problems.push({ field: 'comment', message: `must be one line of at most ${MAX_COMMENT_LENGTH} characters` });
  }
  if (hasMore) problems.push({ field: 'comment', message: 'is followed by more columns; put quotes around a comment' });
  return { problems, network: reading.ok ? reading.cidr : '', expiresAt };
}

/** Takes back what `formatCell` did so that no spreadsheet runs it. */
function unquote(text: string): string {
  return text.startsWith("'") && FORMULA.test(text.slice(1)) ? text.slice(1) : text;
}

/** RFC 4180; the quotes of a cell may hold commas, and lines. */
function splitCsv(csv: string): { line: number; cells: string[] }[] {
  const rows: { line: number; cells: string[] }[] = [];
  let [line, at] = [1, 0];
  const text = csv.replace(/^\uFEFF/, '').replaceAll(/\r\n?/g, '\n');
  while (at < text.length) {
    const row = { line, cells: [] as string[] };
    rows.push(row);
    for (let isRow = true; isRow;) {
      const end = text[at] === '"' ? endOfQuoted(text, at) : endOfPlain(text, at);
      const cell = text.slice(at, end);
      row.cells.push(
        cell.startsWith('"')
          ? cell
              .slice(1)
              .replace(/"[^"]*$/, '')
              .replaceAll('""', '"')
          : cell,
      );
      line += cell.split('\n').length - 1;
      isRow = text[end] === ',';
      at = end + 1;
    }
    line += 1;
  }
  return rows;
}

function endOfPlain(text: string, from: number): number {
  for (let at = from; at < text.length; at += 1) if (text[at] === ',' || text[at] === '\n') return at;
  return text.length;
}

function endOfQuoted(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at += 1) {
    if (text[at] !== '"') continue;
    if (text[at + 1] === '"') at += 1;
    else return endOfPlain(text, at + 1);
  }
  return text.length;
}

/** A cell that holds commas, quotes or new lines is quoted, and none is a formula. */
export function formatCell(text: string): string {
  const harmless = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
