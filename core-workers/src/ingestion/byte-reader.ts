import { isAscii } from 'node:buffer';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const LOWER_E = 0x65;
const LETTER_N = 0x6e;
/** Set in small letters, not in capitals. */
const CASE_BIT = 0x20;
const FIRST_PRINTABLE = 0x20;
const LAST_PRINTABLE = 0x7e;
/** Behind the last byte: nothing that any rule accepts. */
const END = 0;
/** Digits that a double holds exactly, as it does ten to that power: their quotient is then what JSON.parse gives. */
const EXACT_DIGITS = 15;
const POWERS_OF_TEN = Float64Array.from({ length: EXACT_DIGITS + 1 }, (_, power) => 10 ** power);
const LONG_NUMBER = /^[-+.0-9eE]+/;
const LONGEST_NUMBER = 64;
const WORD_BYTES = 4;

/** The text is not what the reader was asked for. Whoever catches it has JSON.parse read the whole, which says why. */
export class UnexpectedText extends Error {
  override readonly name = 'UnexpectedText';
}

/** Text to be compared with. */
export function expectedText(text: string): DataView {
  return new DataView(Uint8Array.from(Buffer.from(text)).buffer);
}

const NULL = expectedText('null');

/**
 * Reads JSON of a known shape from its bytes, without whitespace and in ASCII, as `JSON.stringify` writes it. It makes no
 * objects, and no strings but those asked for: that is what it is faster by.
 * @throws UnexpectedText for everything else
 */
export class ByteReader {
  readonly #bytes: Buffer;
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Bytes that are read; set to read some of them again. */
  position = 0;

  /** Whether the next bytes are these; only then they are passed. */
  skip(text: DataView): boolean {
    return this.skipSame(text, 0, text.byteLength);
  }

  /** The same for a part of a text. Compares words of four bytes, which takes a fifth of the time. */
  skipSame(text: DataView, from: number, to: number): boolean {
    const view = this.#view;
    let at = this.position;
    if (at + to - from > view.byteLength) return false;
    let other = from;
    for (; other + WORD_BYTES <= to; other += WORD_BYTES, at += WORD_BYTES) {
      if (view.getInt32(at) !== text.getInt32(other)) return false;
    }
    for (; other < to; other += 1, at += 1) if (view.getUint8(at) !== text.getUint8(other)) return false;
    this.position = at;
    return true;
  }

  /** The same for one byte. */
  skipByte(byte: number): boolean {
    if (this.#bytes[this.position] !== byte) return false;
    this.position += 1;
    return true;
  }

  expect(text: DataView): void {
    if (!this.skip(text)) throw new UnexpectedText();
  }

  expectByte(byte: number): void {
    if (!this.skipByte(byte)) throw new UnexpectedText();
  }

  /** A number; NaN for null. */
  number(): number {
    const bytes = this.#bytes;
    const start = this.position;
    let byte = bytes[start] ?? END;
    if (byte === LETTER_N) {
      this.expect(NULL);
      return Number.NaN;
    }
    let at = start;
    if (byte === MINUS) byte = bytes[(at += 1)] ?? END;
    const first = at;
    let digits = 0;
    for (; byte >= ZERO && byte <= NINE; byte = bytes[(at += 1)] ?? END) digits = digits * 10 + byte - ZERO;
    const whole = at - first;
    let fraction = 0;
    if (byte === DOT) {
      const firstOfFraction = at + 1;
      byte = bytes[(at += 1)] ?? END;
      for (; byte >= ZERO && byte <= NINE; byte = bytes[(at += 1)] ?? END) digits = digits * 10 + byte - ZERO;
      fraction = at - firstOfFraction;
      if (fraction === 0) throw new UnexpectedText();
    }
    if (whole + fraction > EXACT_DIGITS || (byte | CASE_BIT) === LOWER_E) return this.#longNumber();
    if (whole === 0 || (whole > 1 && bytes[first] === ZERO)) throw new UnexpectedText();
    this.position = at;
    const value = fraction === 0 ? digits : digits / (POWERS_OF_TEN[fraction] ?? 1);
    return first === start ? value : -value;
  }

  /** A string without escapes. */
  string(): string {
    this.expectByte(QUOTE);
    const start = this.position;
    let at = start;
    for (let byte = this.#bytes[at] ?? END; byte !== QUOTE; byte = this.#bytes[at] ?? END) {
      if (byte < FIRST_PRINTABLE || byte > LAST_PRINTABLE || byte === BACKSLASH) throw new UnexpectedText();
      at += 1;
    }
    this.position = at + 1;
    return this.#bytes.toString('latin1', start, at);
  }

  /** The JSON that is left, but for the last `but` bytes. */
  json(but: number): unknown {
    const end = this.#bytes.length - but;
    const bytes = this.#bytes.subarray(this.position, end);
    if (!isAscii(bytes)) throw new UnexpectedText();
    this.position = end;
    return parseJson(bytes.toString('latin1'));
  }

  /** What was read since a position; its own memory. */
  bytesFrom(position: number): Uint8Array {
    return Uint8Array.from(this.#bytes.subarray(position, this.position));
  }

  expectEnd(): void {
    if (this.position !== this.#bytes.length) throw new UnexpectedText();
  }

  #longNumber(): number {
    const [token = ''] =
      LONG_NUMBER.exec(this.#bytes.toString('latin1', this.position, this.position + LONGEST_NUMBER)) ?? [];
    if (token.length === LONGEST_NUMBER) throw new UnexpectedText();
    this.position += token.length;
    return Number(parseJson(token));
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UnexpectedText();
  }
}
