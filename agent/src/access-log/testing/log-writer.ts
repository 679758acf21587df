import { closeSync, copyFileSync, existsSync, openSync, renameSync, truncateSync, writeSync } from 'node:fs';

/** Writes numbered lines as nginx does (O_APPEND), and rotates as somebody else may. */
export class LogWriter {
  readonly file: string;
  readonly #padding: string;
  #descriptor: number;
  #next = 1;

  /** @param lineBytes about so long is a line */
  constructor(file: string, lineBytes = 100) {
    this.file = file;
    this.#padding = 'x'.repeat(Math.max(0, lineBytes - 10));
    this.#descriptor = openSync(file, 'a');
  }

  /** The number of the line that was written last. */
  get last(): number {
    return this.#next - 1;
  }

  write(count: number): void {
    let text = '';
    for (const end = this.#next + count; this.#next < end; this.#next += 1) text += `${this.#next} ${this.#padding}\n`;
    this.writeText(text);
  }

  writeText(text: string): void {
    writeSync(this.#descriptor, text);
  }

  /** `rename`: renamed, written on under the new name, then begun anew, as nginx does after USR1. */
  rotate(kind: 'rename' | 'copy', linesBeforeReopening = 0): void {
    for (let number = 30; number >= 1; number -= 1) {
      if (existsSync(`${this.file}.${number}`)) renameSync(`${this.file}.${number}`, `${this.file}.${number + 1}`);
    }
    if (kind === 'copy') {
      copyFileSync(this.file, `${this.file}.1`);
      truncateSync(this.file);
      return;
    }
    renameSync(this.file, `${this.file}.1`);
    this.write(linesBeforeReopening);
    closeSync(this.#descriptor);
    this.#descriptor = openSync(this.file, 'a');
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}

/** The numbers of lines, in the order in which they were read. */
export function numbersOf(lines: Buffer): number[] {
  return lines.toString('latin1').split('\n').slice(0, -1).map(Number.parseFloat);
}

/** What is missing and what is there more than once of the lines 1 to `last`. */
export function compareWithWritten(numbers: readonly number[], last: number): { lost: number; twice: number } {
  const seen = new Uint8Array(last + 1);
  let twice = 0;
  for (const number of numbers) {
    if (seen[number] === 1) twice += 1;
    seen[number] = 1;
  }
  return { lost: seen.slice(1).filter((one) => one === 0).length, twice };
}
