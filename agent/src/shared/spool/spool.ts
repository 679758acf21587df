import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '@flotilla/runtime';
import { checkSegments } from './check-segments.ts';
import { RUN_GAP } from './decide-lost.ts';
import { encodeRecord, MAX_PAYLOAD_BYTES } from './record.ts';
import { listSegmentFiles, removeSegmentFiles, segmentFile } from './segment-files.ts';
import { Segment } from './segment.ts';
import { SpoolMemory } from './spool-memory.ts';

const DIRECTORY_MODE = 0o700;
const STATE_FILE = 'state';
const DEFAULT_SEGMENT_BYTES = 2 ** 20;
/** How long what the bus has may be unknown on disk: so much is sent again after a crash. */
const SAVE_INTERVAL_MS = 1000;
const MAX_READ_FAILURES = 5;

export interface SpoolOptions {
  readonly directory: string;
  readonly agentId: string;
  /** Of all segments together; when there is no room the oldest goes. At least two segments. */
  readonly maxBytes: number;
  readonly segmentBytes?: number;
  readonly logger: Logger;
}

/** A message on its way to the bus. */
export interface SpooledMessage {
  readonly sequence: number;
  /** The Nats-Msg-Id: the same each time this message is sent. */
  readonly messageId: string;
  readonly payload: Uint8Array;
  /** On disk. */
  readonly bytes: number;
}

export interface SpoolStats {
  /** What the bus has not acknowledged yet; null until the spool is open: unknown. */
  readonly waiting: { readonly messages: number; readonly bytes: number } | null;
  /** Since the spool was made, restarts included; a sample in several messages counts as several. */
  readonly droppedSamples: number;
}

/**
 * What is to be sent, on disk until the bus has it:
 *
 *     append ─▶ [segment][segment][segment] ─▶ read, in order ─▶ acknowledge ─▶ segments removed whole
 *                  ▲ the oldest goes when there is no room
 *
 * It opens itself with the first use, and with each next one while the disk does not let it. Everything on disk happens in
 * turn, one thing at a time. One process a directory.
 */
export class Spool {
  readonly #options: Required<SpoolOptions>;
  readonly #memory: SpoolMemory;
  #turn: Promise<unknown> = Promise.resolve();
  #segments: Segment[] = [];
  #ahead: SpooledMessage[] = [];
  #nextSequence = 1;
  /** What is on disk is known. */
  #isOpen = false;
  #isTidying = false;
  #readFailures = 0;
  /** Samples in a row that could not be written. */
  #failuresInARow = 0;

  constructor(options: SpoolOptions) {
    this.#options = { segmentBytes: DEFAULT_SEGMENT_BYTES, ...options };
    this.#memory = new SpoolMemory(options.agentId, options.logger);
  }

  get stats(): SpoolStats {
    const { droppedSamples } = this.#memory.state;
    if (!this.#isOpen) return { waiting: null, droppedSamples };
    const waiting = { messages: 0, bytes: 0 };
    for (const segment of this.#segments) {
      waiting.messages += segment.waiting.messages;
      waiting.bytes += segment.waiting.bytes;
    }
    return { waiting, droppedSamples };
  }

  /** Of the newest message; 0 before the first and until the spool is open. */
  get lastSampledAt(): number {
    return this.#memory.state.lastSampledAt;
  }

  /** Checks what is on disk, unless that is done. When it cannot, the next `append` tries again, and says why. */
  async open(): Promise<void> {
    await this.#inTurn(() => this.#open()).catch((err: unknown) =>
      this.#options.logger.debug({ err }, 'the spool cannot be opened yet'),
    );
  }

  /**
   * Resolves with whether the message is kept; one that is not is counted. Never rejects: a full disk or one that only
   * reads is no reason to stop.
   * @param sampledAt greater than that of all before
   */
  append(sampledAt: number, payload: Uint8Array): Promise<boolean> {
    const { logger } = this.#options;
    return this.#inTurn(async () => {
      try {
        await this.#open();
        await this.#append(sampledAt, payload);
      } catch (err) {
        this.#failuresInARow += 1;
        if (this.#failuresInARow === 1) logger.error({ err }, 'cannot write the spool; samples are dropped');
        await this.#memory.countDropped(1);
        return false;
      }
      if (this.#failuresInARow > 0) logger.info({ dropped: this.#failuresInARow }, 'the spool is written again');
      this.#failuresInARow = 0;
      return true;
    });
  }

  /**
   * The next messages in order, each once in the life of this process; empty when there are none. A segment that cannot be
   * read again and again is given up, and counted.
   * @throws the system's error
   */
  read(room: { readonly messages: number; readonly bytes: number }): Promise<SpooledMessage[]> {
    return this.#inTurn(async () => {
      await this.#open();
      if (this.#ahead.length === 0) await this.#readAhead();
      let bytes = 0;
      const end = this.#ahead.slice(0, room.messages).findIndex((message) => (bytes += message.bytes) > room.bytes);
      // One alone may be larger than the room.
      return this.#ahead.splice(0, end === -1 ? room.messages : Math.max(1, end));
    });
  }

  /** The bus has this message and all before it. */
  acknowledge({ sequence, bytes }: SpooledMessage): void {
    const segment = this.#segments.find(({ lastSequence }) => sequence <= lastSequence);
    // Its own may have had to go while it was on its way.
    if (segment !== undefined && sequence >= segment.firstSequence) segment.acknowledge(bytes);
    this.#memory.note({ acknowledgedThrough: sequence });
    this.#tidySoon();
  }

  /** This message is given up, and counted; like an acknowledgement it comes in order. */
  discard(message: SpooledMessage): void {
    this.acknowledge(message);
    void this.#inTurn(() => this.#memory.countDropped(1));
  }

  /** Writes what is known and closes all files. Does not reject. */
  close(): Promise<void> {
    return this.#inTurn(async () => {
      this.#isOpen = false;
      try {
        await Promise.all(this.#segments.map((segment) => segment.close()));
      } catch (err) {
        this.#options.logger.warn({ err }, 'the spool could not be closed in order');
      }
      await this.#memory.close();
    });
  }

  #inTurn<Value>(work: () => Promise<Value>): Promise<Value> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => undefined);
    return result;
  }

  async #open(): Promise<void> {
    if (this.#isOpen) return;
    const { directory, logger } = this.#options;
    await mkdir(directory, { recursive: true, mode: DIRECTORY_MODE });
    const found = await this.#memory.open(join(directory, STATE_FILE));
    try {
      if (found === 'of another agent') {
        logger.warn('the spool belongs to another agent, whose samples are removed');
        await removeSegmentFiles(directory);
      }
      const { acknowledgedThrough, lastSampledAt } = this.#memory.state;
      const checked = await checkSegments(await listSegmentFiles(directory), acknowledgedThrough, logger);
      const last = Math.max(checked.lastSequence, acknowledgedThrough);
      this.#segments = [...checked.segments];
      this.#nextSequence = last === 0 ? 1 : last + RUN_GAP;
      this.#memory.note({ lastSampledAt: Math.max(lastSampledAt, checked.lastSampledAt) });
      await this.#memory.countDropped(checked.lost);
    } catch (error) {
      await this.#memory.close();
      throw error;
    }
    this.#isOpen = true;
    const { waiting, droppedSamples } = this.stats;
    logger.info({ waiting, droppedSamples }, 'the spool is open');
  }

  async #append(sampledAt: number, payload: Uint8Array): Promise<void> {
    if (payload.length > MAX_PAYLOAD_BYTES) throw new Error(`a message of ${payload.length} bytes is too large`);
    const sequence = this.#nextSequence;
    const record = encodeRecord(sequence, sampledAt, payload);
    await this.#makeRoom(record.length);
    const segment = await this.#chooseSegment(record.length);
    await segment.append(sequence, record);
    this.#nextSequence = sequence + 1;
    this.#memory.note({ lastSampledAt: sampledAt });
  }

  async #makeRoom(bytes: number): Promise<void> {
    const { maxBytes, logger } = this.#options;
    let used = this.#segments.reduce((sum, segment) => sum + segment.bytes, bytes);
    while (used > maxBytes) {
      const oldest = this.#segments[0];
      if (oldest === undefined) throw new Error(`a message of ${bytes} bytes is too large for a spool of ${maxBytes}`);
      await oldest.remove();
      this.#segments.shift();
      used -= oldest.bytes;
      // What was read is in the publisher's hands and still on its way.
      const dropped = oldest.abandonUnread();
      if (dropped > 0) logger.warn({ dropped, maxBytes }, 'the spool is full; the oldest samples are dropped');
      await this.#memory.countDropped(dropped);
    }
  }

  async #chooseSegment(bytes: number): Promise<Segment> {
    const { directory, segmentBytes } = this.#options;
    const last = this.#segments.at(-1);
    if (last !== undefined && (last.bytes === 0 || last.bytes + bytes <= segmentBytes)) {
      await last.openForAppend();
      return last;
    }
    // Also when somebody removed the folder to have its space.
    await mkdir(directory, { recursive: true, mode: DIRECTORY_MODE });
    const file = { file: segmentFile(directory, this.#nextSequence), firstSequence: this.#nextSequence };
    const segment = new Segment(file, null);
    await segment.openForAppend();
    await last?.close();
    this.#segments.push(segment);
    return segment;
  }

  async #readAhead(): Promise<void> {
    const { id } = this.#memory.state;
    for (const segment of this.#segments) {
      if (segment.isReadToEnd) continue;
      try {
        const records = await segment.read();
        this.#readFailures = 0;
        this.#ahead = records.map(({ sequence, payload, bytes }) => ({
          sequence,
          messageId: `${id}:${sequence}`,
          payload,
          bytes,
        }));
      } catch (error) {
        this.#readFailures += 1;
        if (this.#readFailures < MAX_READ_FAILURES) throw error;
        this.#readFailures = 0;
        this.#options.logger.error(
          { err: error, file: segment.file },
          'a part of the spool is unreadable; it is given up',
        );
        await this.#memory.countDropped(segment.abandonUnread());
      }
      // Damage since the start shows by what is missing at the end.
      if (segment.isReadToEnd) await this.#memory.countDropped(segment.abandonUnread());
      if (this.#ahead.length > 0) return;
    }
  }

  #tidySoon(): void {
    const isDue = this.#memory.unsavedMs >= SAVE_INTERVAL_MS || this.#segments.at(-1)?.waiting.messages === 0;
    const hasDone = this.#segments.length > 1 && this.#segments[0]?.waiting.messages === 0;
    if (this.#isTidying || (!isDue && !hasDone)) return;
    this.#isTidying = true;
    void this.#inTurn(async () => {
      this.#isTidying = false;
      await this.#removeDone();
      await this.#memory.save();
    });
  }

  /** All but the last, which is written. */
  async #removeDone(): Promise<void> {
    for (let first = this.#segments[0]; first !== undefined; first = this.#segments[0]) {
      if (this.#segments.length === 1 || first.waiting.messages > 0 || !first.isReadToEnd) return;
      try {
        await first.remove();
      } catch (err) {
        this.#options.logger.warn({ err, file: first.file }, 'a part of the spool that was sent cannot be removed yet');
        return;
      }
      this.#segments.shift();
    }
  }
}
