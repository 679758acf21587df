import { LogFile, type LogFileSink } from './log-file.ts';
import type { LogPosition } from './log-position.ts';
import { planOpenings, type LogOnDisk, type Opening } from './plan-openings.ts';
import { pathOf, readInode, readLogsOnDisk } from './read-logs-on-disk.ts';

/** A line of nginx has at most four times the 32 KiB of headers that it takes. */
const BUFFER_BYTES = 262_144;
/** A renamed log is written on until each worker has heard of it; what a worker holds back comes within a second. */
const LEFT_AFTER_QUIET_MS = 10_000;
/** Rotations that one look follows; more wait for the next look. */
const MAX_ROTATIONS_PER_LOOK = 50;

export interface LogTailOptions {
  /** The log; rotated ones are looked for under `<file>.1` and so on. */
  readonly file: string;
  /** Where to go on; null for the end of what is there, without which a first start would count the days before. */
  readonly position: LogPosition | null;
  /**
   * Whole lines, each with its newline, each line once. The buffer is used again afterwards.
   * @param position behind these lines
   */
  readonly onLines: (lines: Buffer, position: () => LogPosition) => void;
  readonly signal: AbortSignal;
  /** Default 256 KiB; a longer line is passed over. */
  readonly bufferBytes?: number;
  /** Default 10 s. */
  readonly leftAfterQuietMs?: number;
}

export interface TailFigures {
  /** Longer than the buffer. */
  readonly tooLongLines: number;
  /** Files that were gone before they had been read to their end. */
  readonly lostFiles: number;
}

/**
 * Follows a log through rotation by rename and by copying and cutting, and through restarts of the agent:
 *
 *     old ones, until they are quiet ─┐
 *     access.log ─────────────────────┴─▶ chunks of whole lines, with the position behind them
 *
 * A file stays open under whatever name until nothing has come for a while, so that nobody has to guess when the last
 * worker of nginx has changed to the new one. What is read is handed on only after a look that the file still begins as before.
 */
export class LogTail {
  readonly #options: LogTailOptions;
  readonly #buffer: Buffer;
  readonly #sink: LogFileSink;
  readonly #figures = { tooLongLines: 0, lostFiles: 0 };
  /** Oldest first; the last is the log itself, unless it has just been renamed. */
  #files: LogFile[] = [];
  /** Which files were the log and the newest rotated one when the files to read were chosen. */
  #arrangement = '';
  #hasBegun = false;

  constructor(options: LogTailOptions) {
    this.#options = options;
    this.#buffer = Buffer.allocUnsafeSlow(options.bufferBytes ?? BUFFER_BYTES);
    const position = (): LogPosition => this.position;
    this.#sink = {
      onLines: (lines) => options.onLines(lines, position),
      onTooLongLine: () => void (this.#figures.tooLongLines += 1),
    };
  }

  get position(): LogPosition {
    return { files: this.#files.map((log) => log.position) };
  }

  get figures(): TailFigures {
    return this.#figures;
  }

  /**
   * Reads everything that is there. One call at a time.
   * @returns whether all of it was read; false also while there is no log
   * @throws what the file system says
   */
  async look(): Promise<boolean> {
    if (!this.#hasBegun) await this.#begin();
    for (let rotations = 0; rotations < MAX_ROTATIONS_PER_LOOK && !this.#options.signal.aborted; rotations += 1) {
      const inodes = await this.#readArrangement();
      if (inodes.join(' ') !== this.#arrangement) await this.#follow([]);
      const cut = await this.#readFiles();
      if (cut.length === 0) {
        await this.#leaveQuiet();
        return inodes[0] !== null;
      }
      await this.#follow(cut);
    }
    return false;
  }

  async close(): Promise<void> {
    const files = this.#files;
    this.#files = [];
    await Promise.all(files.map((log) => log.close()));
  }

  async #begin(): Promise<void> {
    const { file, position } = this.#options;
    const onDisk = await readLogsOnDisk(file);
    const { openings, lost } =
      position === null
        ? { openings: onDisk.filter(({ number }) => number === 0).map(openAtEnd), lost: [] }
        : planOpenings(position.files, onDisk);
    const opened = await this.#open(openings);
    if (opened === null) throw new Error(`${file} is rotated at the moment`);
    this.#files = opened;
    this.#arrangement = arrange(onDisk);
    this.#figures.lostFiles += lost.length;
    this.#hasBegun = true;
  }

  #readArrangement(): Promise<(string | null)[]> {
    return Promise.all([0, 1].map((number) => readInode(pathOf(this.#options.file, number))));
  }

  /** @returns those that do not have any more what was read of them */
  async #readFiles(): Promise<LogFile[]> {
    const cut: LogFile[] = [];
    for (const log of this.#files) {
      let outcome = await log.read(this.#buffer);
      while (outcome === 'lines' && !this.#options.signal.aborted) outcome = await log.read(this.#buffer);
      if (outcome === 'cut') cut.push(log);
    }
    return cut;
  }

  /** After a rotation: goes on in what there is now, old files that are open included. */
  async #follow(cut: readonly LogFile[]): Promise<void> {
    const onDisk = await readLogsOnDisk(this.#options.file);
    const { openings, lost } = planOpenings(
      this.#files.map(({ position }) => position),
      onDisk,
    );
    const opened = await this.#open(openings);
    // Rotated again meanwhile: the next look sees it.
    if (opened === null) return;
    // Deleted, but open, and perhaps written to.
    const unlinked = this.#files.filter((log) => !opened.includes(log) && !cut.includes(log));
    const left = this.#files.filter((log) => !opened.includes(log) && cut.includes(log));
    this.#figures.lostFiles += lost.filter(({ inode }) => !unlinked.some((log) => log.inode === inode)).length;
    this.#files = [...unlinked, ...opened];
    this.#arrangement = arrange(onDisk);
    await Promise.all(left.map((log) => log.close()));
  }

  /** @returns null when a file is another one by now; nothing new is open then */
  async #open(openings: readonly Opening[]): Promise<LogFile[] | null> {
    const opened: LogFile[] = [];
    const fresh: LogFile[] = [];
    for (const opening of openings) {
      const present = this.#files.find(({ inode }) => inode === opening.inode);
      const log = present ?? (await this.#openOne(opening));
      if (log === null) {
        await Promise.all(fresh.map((one) => one.close()));
        return null;
      }
      if (present === undefined) fresh.push(log);
      else if (log.position.offset !== opening.offset) log.restart();
      opened.push(log);
    }
    return opened;
  }

  async #openOne(opening: Opening): Promise<LogFile | null> {
    try {
      return await LogFile.open(pathOf(this.#options.file, opening.number), opening, this.#sink);
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
      throw error;
    }
  }

  async #leaveQuiet(): Promise<void> {
    const quietMs = this.#options.leftAfterQuietMs ?? LEFT_AFTER_QUIET_MS;
    // In their order: rotation tells old from new by what is still known.
    const stays = this.#files.findIndex(({ activeAtMs }) => performance.now() - activeAtMs <= quietMs);
    const left = this.#files.slice(0, stays === -1 ? -1 : stays);
    if (left.length === 0) return;
    this.#files = this.#files.slice(left.length);
    await Promise.all(left.map((log) => log.close()));
  }
}

function openAtEnd({ number, inode, size, head }: LogOnDisk): Opening {
  return { number, inode, offset: size, head: head.subarray(0, size), isWithinLine: false };
}

function arrange(onDisk: readonly LogOnDisk[]): string {
  return [0, 1].map((number) => onDisk.find((log) => log.number === number)?.inode ?? null).join(' ');
}
