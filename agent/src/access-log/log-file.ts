import { open, type FileHandle } from 'node:fs/promises';
import { HEAD_BYTES, type FilePosition } from './log-position.ts';
import type { Opening } from './plan-openings.ts';

const NEWLINE = 0x0a;

/** `cut`: what was read is not in it any more; somebody else's rotation has copied it, and emptied it or written it anew. */
export type ReadOutcome = 'lines' | 'end' | 'cut';

export interface LogFileSink {
  /** Whole lines, each with its newline; the buffer is used again afterwards. The file's position is already behind them. */
  readonly onLines: (lines: Buffer) => void;
  /** A line that does not fit into the buffer is passed over. */
  readonly onTooLongLine: () => void;
}

/** A log that is open: its name may change, and it is read on. */
export class LogFile {
  readonly inode: string;
  readonly #handle: FileHandle;
  readonly #sink: LogFileSink;
  #offset: number;
  #isWithinLine: boolean;
  /** What it began with, up to the offset: of the bytes that were handed on, so that it is never another file's. */
  #head: Buffer;
  /** Size and time of change when everything had been read. */
  #seen = '';
  #modifiedAtMs = 0;
  /** When there was something new, by a clock that nobody sets. */
  activeAtMs = performance.now();

  private constructor(handle: FileHandle, { inode, offset, head, isWithinLine }: Opening, sink: LogFileSink) {
    this.#handle = handle;
    this.inode = inode;
    this.#offset = offset;
    this.#head = head;
    this.#isWithinLine = isWithinLine;
    this.#sink = sink;
  }

  /** Null when another file is there by now. */
  static async open(path: string, opening: Opening, sink: LogFileSink): Promise<LogFile | null> {
    const handle = await open(path, 'r');
    const log = new LogFile(handle, opening, sink);
    try {
      const { ino, mtimeMs } = await handle.stat({ bigint: true });
      log.#modifiedAtMs = Number(mtimeMs);
      if (String(ino) === opening.inode) return log;
    } catch (error) {
      await handle.close();
      throw error;
    }
    await handle.close();
    return null;
  }

  get position(): FilePosition {
    return {
      inode: this.inode,
      offset: this.#offset,
      head: this.#head,
      isWithinLine: this.#isWithinLine,
      modifiedAtMs: this.#modifiedAtMs,
    };
  }

  /** Hands on what is new, as far as it fits into the buffer. */
  async read(buffer: Buffer): Promise<ReadOutcome> {
    const { size, mtimeNs, mtimeMs } = await this.#handle.stat({ bigint: true });
    if (size < this.#offset) return 'cut';
    const seen = `${size} ${mtimeNs}`;
    if (seen === this.#seen) return 'end';
    const { bytesRead } = await this.#handle.read(buffer, 0, buffer.length, this.#offset);
    // After the reading: a file that was cut and has grown again since gives bytes that are not what followed.
    if (!(await this.#beginsAsBefore())) return 'cut';
    this.#modifiedAtMs = Number(mtimeMs);
    if (this.#take(buffer.subarray(0, bytesRead), buffer.length)) {
      this.activeAtMs = performance.now();
      return 'lines';
    }
    // What is there of a line whose end is to come is read again with it.
    this.#seen = seen;
    return 'end';
  }

  /** The file is empty, or has other content than before. */
  restart(): void {
    this.#offset = 0;
    this.#isWithinLine = false;
    this.#head = Buffer.alloc(0);
    this.#seen = '';
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  /** @returns false when there is no end of a line in it */
  #take(bytes: Buffer, bufferLength: number): boolean {
    const end = bytes.lastIndexOf(NEWLINE) + 1;
    if (end === 0 && bytes.length < bufferLength) return false;
    const byteCount = end === 0 ? bytes.length : end;
    const start = this.#isWithinLine ? bytes.indexOf(NEWLINE) + 1 : 0;
    if (end === 0 && !this.#isWithinLine) this.#sink.onTooLongLine();
    this.#isWithinLine = end === 0;
    this.#offset += byteCount;
    const missing = HEAD_BYTES - this.#head.length;
    if (missing > 0) this.#head = Buffer.concat([this.#head, bytes.subarray(0, Math.min(missing, byteCount))]);
    if (start < end) this.#sink.onLines(bytes.subarray(start, end));
    return true;
  }

  async #beginsAsBefore(): Promise<boolean> {
    const { length } = this.#head;
    if (length === 0) return true;
    const { bytesRead, buffer } = await this.#handle.read(Buffer.alloc(length), 0, length, 0);
    return buffer.subarray(0, bytesRead).equals(this.#head);
  }
}
