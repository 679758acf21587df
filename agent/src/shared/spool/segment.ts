import { open, rm, type FileHandle } from 'node:fs/promises';
import { decodeRecord, findNextRecord, type StoredRecord } from './record.ts';
import type { SegmentFile } from './segment-files.ts';

const OWNER_ONLY = 0o600;
/** What is read at once, unless one record is longer. */
const CHUNK_BYTES = 256 * 1024;

interface Amount {
  messages: number;
  bytes: number;
}

export interface SegmentContent {
  /** Of the file. */
  readonly bytes: number;
  /** Where the first record begins that is to be read. */
  readonly readFrom: number;
  /** From there on. */
  readonly unread: Readonly<Amount>;
  readonly lastSequence: number;
}

/** One file of the spool: appended at its end, read from its beginning, removed whole. */
export class Segment {
  readonly file: string;
  readonly firstSequence: number;
  #lastSequence: number;
  #bytes: number;
  #readOffset: number;
  /** Not read yet, and read but not acknowledged. */
  readonly #unread: Amount;
  readonly #waiting: Amount;
  #handle: FileHandle | null = null;

  constructor({ file, firstSequence }: SegmentFile, content: SegmentContent | null) {
    this.file = file;
    this.firstSequence = firstSequence;
    this.#lastSequence = content?.lastSequence ?? firstSequence - 1;
    this.#bytes = content?.bytes ?? 0;
    this.#readOffset = content?.readFrom ?? 0;
    this.#unread = { messages: 0, bytes: 0, ...content?.unread };
    this.#waiting = { ...this.#unread };
  }

  get lastSequence(): number {
    return this.#lastSequence;
  }

  /** Length of the file. */
  get bytes(): number {
    return this.#bytes;
  }

  get unreadMessages(): number {
    return this.#unread.messages;
  }

  /** Not acknowledged, read or not. */
  get waiting(): Readonly<Amount> {
    return this.#waiting;
  }

  get isReadToEnd(): boolean {
    return this.#readOffset >= this.#bytes;
  }

  /** Opens the file for appending, or makes it. */
  async openForAppend(): Promise<void> {
    this.#handle ??= await open(this.file, this.#bytes === 0 ? 'w+' : 'r+', OWNER_ONLY);
  }

  /**
   * Not synced: that costs a disk more than all of the agent's other work, and the kernel writes within half a minute. A
   * power loss takes what is younger, most of which the bus has already; the end of the agent, however sudden, takes nothing.
   * @throws the system's error; the file then ends where it ended before
   */
  async append(sequence: number, record: Buffer): Promise<void> {
    if (this.#handle === null) throw new Error(`${this.file} is not open`);
    try {
      await writeWhole(this.#handle, record, this.#bytes);
    } catch (error) {
      // What was written of it is overwritten by the next record, or cut at the next start, when even this fails.
      await this.#handle.truncate(this.#bytes).catch(() => undefined);
      throw error;
    }
    this.#bytes += record.length;
    this.#lastSequence = sequence;
    for (const amount of [this.#unread, this.#waiting]) {
      amount.messages += 1;
      amount.bytes += record.length;
    }
  }

  /** The next records; empty when there are no more for now. @throws the system's error */
  async read(): Promise<StoredRecord[]> {
    const records: StoredRecord[] = [];
    for (let chunkBytes = CHUNK_BYTES; records.length === 0 && !this.isReadToEnd;) {
      const chunk = await this.#readChunk(Math.min(chunkBytes, this.#bytes - this.#readOffset));
      const needed = this.#decode(chunk, records);
      chunkBytes = Math.max(CHUNK_BYTES, needed);
    }
    for (const { bytes } of records) {
      this.#unread.messages -= 1;
      this.#unread.bytes -= bytes;
    }
    return records;
  }

  /** A record of this segment has reached the bus, or is given up. */
  acknowledge(bytes: number): void {
    this.#waiting.messages -= 1;
    this.#waiting.bytes -= bytes;
  }

  /** What is not read will not be. Returns how many messages that were. */
  abandonUnread(): number {
    const { messages, bytes } = this.#unread;
    this.#readOffset = this.#bytes;
    this.#unread.messages = 0;
    this.#unread.bytes = 0;
    this.#waiting.messages -= messages;
    this.#waiting.bytes -= bytes;
    return messages;
  }

  async close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = null;
    await handle?.close();
  }

  async remove(): Promise<void> {
    await this.close();
    await rm(this.file, { force: true });
  }

  /** Takes the chunk's records. Returns how many bytes the first one needs that did not fit. */
  #decode(chunk: Buffer, records: StoredRecord[]): number {
    const isWholeRest = this.#readOffset + chunk.length === this.#bytes;
    let offset = 0;
    let needed = 0;
    while (offset < chunk.length) {
      const found = decodeRecord(chunk, offset);
      if (found.kind === 'incomplete' && !isWholeRest) {
        needed = found.bytes;
        break;
      }
      // The file was checked at the start: this damage is new. What it covered is counted at the segment's end.
      if (found.kind === 'damaged' || found.kind === 'incomplete') offset = findNextRecord(chunk, offset + 1);
      else if (found.kind === 'filler') offset += found.bytes;
      else {
        records.push(found.record);
        offset += found.record.bytes;
      }
    }
    this.#readOffset += offset;
    return needed;
  }

  async #readChunk(length: number): Promise<Buffer> {
    const handle = this.#handle ?? (await open(this.file, 'r'));
    try {
      const chunk = Buffer.allocUnsafe(length);
      const { bytesRead } = await handle.read(chunk, 0, length, this.#readOffset);
      if (bytesRead < length) throw new Error(`${this.file} is shorter than it was`);
      return chunk;
    } finally {
      if (handle !== this.#handle) await handle.close();
    }
  }
}

async function writeWhole(handle: FileHandle, content: Buffer, position: number): Promise<void> {
  for (let written = 0; written < content.length;) {
    const { bytesWritten } = await handle.write(content, written, content.length - written, position + written);
    written += bytesWritten;
  }
}
