import { clientHigh, clientLow, createLineHead, parseLineHead, readAddress, type LineHead } from '@flotilla/traffic';

const NEWLINE = 0x0a;
const SEPARATOR = 0x22;

/** One line among others: nothing is cut out of them for a line that only counts. */
export interface ObservedLine {
  readonly lines: Buffer;
  readonly start: number;
  /** Its newline. */
  readonly end: number;
  readonly head: LineHead;
  /** The client in two words (`clientHigh`, `clientLow` in traffic). */
  readonly high: number;
  readonly low: number;
  /** The Core's clock less the log's. */
  readonly offsetMs: number;
}

/** What reads lines; the line is only valid during the call. */
export type LineReader = (line: ObservedLine) => void;

/** Hands each of nginx's lines to all who read them, read as far as all of them need it. What is no line of nginx is left out. */
export class LogFeed {
  readonly #readers: readonly LineReader[];
  readonly #readOffsetMs: () => number;
  readonly #head = createLineHead();
  readonly #address = new Uint32Array(4);

  /** @param readOffsetMs the Core's clock less the log's; asked for once for all lines that come together */
  constructor(readers: readonly LineReader[], readOffsetMs: () => number) {
    this.#readers = readers;
    this.#readOffsetMs = readOffsetMs;
  }

  /** @param lines whole lines, each with its newline */
  add(lines: Buffer): void {
    const head = this.#head;
    const address = this.#address;
    const line = { lines, start: 0, end: 0, head, high: 0, low: 0, offsetMs: this.#readOffsetMs() };
    for (let start = 0; start < lines.length;) {
      const newline = lines.indexOf(NEWLINE, start);
      const end = newline === -1 ? lines.length : newline;
      if (parseLineHead(lines, start, end, head)) {
        const clientEnd = lines.indexOf(SEPARATOR, head.clientAt);
        if (clientEnd !== -1 && clientEnd < end && readAddress(lines, head.clientAt, clientEnd, address)) {
          line.start = start;
          line.end = end;
          line.high = clientHigh(address);
          line.low = clientLow(address);
          for (const read of this.#readers) read(line);
        }
      }
      start = end + 1;
    }
  }
}
