import { isLoginPath, isSensitivePath, type LineHead } from '@flotilla/traffic';

const SEPARATOR = 0x22;
const QUESTION = 0x3f;
const DOT = 0x2e;
const SLASH = 0x2f;
const STAR = 0x2a;
const UPPER_P = 0x50;
const BAD_REQUEST = 400;
const FNV_PRIME = 0x01000193;
/** Paths that were looked at once; when there are more, all are looked at anew. */
const MAX_PATHS = 20_000;

/** What no pattern of an injection needs; everything else is looked at. */
const isPlain = new Uint8Array(256);
for (const character of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/_.,=&~?+-') {
  isPlain[character.charCodeAt(0)] = 1;
}
/** Words that are suspicious without any such character; of the query in lower case. */
const BARE_WORDS =
  /\/etc\/|\/proc\/|\/bin\/|\.ini|document|class\.|allow_url|auto_prepend|call_user|information_schema|xp_cmd|pg_catalog|sqlite_master|sysobjects|mysql\.|\+(?:or|and|union|select|order|group|by|into|waitfor|delay|from|cmd)\b|\+\/c\b|--/i;

/**
 * Whether a line is to be read whole and judged. Nearly all are not: a path that was ordinary once is, and what is not plain
 * letters is looked at. Never false for a line that has a class, but for agents that name a scanner.
 */
export class LineFilter {
  readonly #paths = new Map<number, boolean>();
  readonly #seed: number;

  /** @param seed unknown to strangers, so that none can find a path that is taken for another one */
  constructor(seed: number) {
    this.#seed = seed | 0;
  }

  /**
   * @param end of the line
   * @param methodAt where the method begins; the protocol and what is asked for follow
   */
  isWorthReading(lines: Buffer, end: number, { status, upstreamMs, serviceAt }: LineHead, methodAt: number): boolean {
    if (status === 401 || status === 404 || status === 410 || status === BAD_REQUEST) return true;
    // What nginx refused itself is known.
    if (status === 403) return serviceAt === -1 || upstreamMs !== -1;
    const protocolAt = lines.indexOf(SEPARATOR, methodAt) + 1;
    const requestedAt = lines.indexOf(SEPARATOR, protocolAt) + 1;
    const requestedEnd = lines.indexOf(SEPARATOR, requestedAt);
    const isWhole = protocolAt > methodAt + 1 && requestedAt > protocolAt && requestedEnd !== -1 && requestedEnd < end;
    return !isWhole || this.#isSuspicious(lines, requestedAt, requestedEnd, lines[methodAt] === UPPER_P);
  }

  #isSuspicious(line: Buffer, start: number, end: number, isPost: boolean): boolean {
    let hash = this.#seed;
    let at = start;
    let before = 0;
    for (; at < end; at += 1) {
      const byte = line[at] ?? 0;
      if (byte === QUESTION) break;
      if (isPlain[byte] === 0 || (byte === DOT && before === DOT) || (before === SLASH && byte === STAR)) return true;
      hash = Math.imul(hash ^ byte, FNV_PRIME);
      before = byte;
    }
    for (let query = at + 1; query < end; query += 1) {
      const byte = line[query] ?? 0;
      if (isPlain[byte] === 0 || (byte === DOT && line[query - 1] === DOT)) return true;
    }
    if (at < end && BARE_WORDS.test(line.toString('latin1', at, end))) return true;
    return this.#isKnownPath(line, start, at, hash, isPost);
  }

  #isKnownPath(line: Buffer, start: number, end: number, hash: number, isPost: boolean): boolean {
    const key = isPost ? ~hash : hash;
    const known = this.#paths.get(key);
    if (known !== undefined) return known;
    const path = line.toString('latin1', start, end).toLowerCase();
    const isWorth = isSensitivePath(path) || BARE_WORDS.test(path) || (isPost && isLoginPath(path));
    if (this.#paths.size >= MAX_PATHS) this.#paths.clear();
    this.#paths.set(key, isWorth);
    return isWorth;
  }
}
