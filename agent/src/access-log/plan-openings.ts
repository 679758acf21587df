import type { FilePosition } from './log-position.ts';

const UNREAD = { offset: 0, head: Buffer.alloc(0), isWithinLine: false } as const;

/** The log itself, or one that rotation left behind. */
export interface LogOnDisk {
  /** 0 is the log, 1 the newest of the rotated ones (`access.log.1`). */
  readonly number: number;
  readonly inode: string;
  readonly size: number;
  readonly head: Buffer;
  readonly modifiedAtMs: number;
}

/** A file to read on, and where; its `head` is what it began with when it was read up to there. */
export interface Opening extends Pick<FilePosition, 'offset' | 'head' | 'isWithinLine'> {
  readonly number: number;
  readonly inode: string;
}

export interface Openings {
  /** Oldest first. */
  readonly openings: readonly Opening[];
  /** Files that were read and are not there any more: what was written to them since is lost. */
  readonly lost: readonly FilePosition[];
}

/**
 * Finds what was read again after rotations, and what came since:
 *
 *     renamed          the same inode under a higher number: goes on there; all below it are new
 *     copied and cut   another file with the same beginning: goes on in the copy; all below it are new
 *     gone             new is what was written to later
 *
 * @param known what was read, oldest first
 */
export function planOpenings(known: readonly FilePosition[], onDisk: readonly LogOnDisk[]): Openings {
  const found = known.map((position) => ({ position, file: locate(position, onDisk) }));
  const located = found.flatMap(({ position: { offset, head, isWithinLine }, file }) =>
    file === null ? [] : [{ number: file.number, inode: file.inode, offset, head, isWithinLine }],
  );
  // A copy may be known, and be found for the one that it is of once more.
  const openings = located.filter(({ number }, index) => located.findIndex((one) => one.number === number) === index);
  const taken = new Set(openings.map(({ number }) => number));
  const isNew = chooseNew(known, openings);
  const fresh = onDisk.filter((file) => !taken.has(file.number) && (file.number === 0 || isNew(file)));
  return {
    openings: [...openings, ...fresh.map(({ number, inode }) => ({ number, inode, ...UNREAD }))].toSorted(
      (a, b) => b.number - a.number,
    ),
    lost: found.flatMap(({ position, file }) => (file === null ? [position] : [])),
  };
}

/** What is known has no gaps: whatever is newer than the oldest of it, and is not known, was never read. */
function chooseNew(known: readonly FilePosition[], openings: readonly Opening[]): (file: LogOnDisk) => boolean {
  if (openings.length > 0) {
    const oldest = Math.max(...openings.map(({ number }) => number));
    return ({ number }) => number < oldest;
  }
  // Without anything that was ever read, rotated files are of the time before.
  const readUntilMs = known.at(-1)?.modifiedAtMs ?? Infinity;
  return ({ modifiedAtMs }) => modifiedAtMs > readUntilMs;
}

function locate(position: FilePosition, onDisk: readonly LogOnDisk[]): LogOnDisk | null {
  const candidates = onDisk.filter((file) => isContinued(position, file));
  const same = candidates.find(({ inode }) => inode === position.inode);
  // Without a beginning to compare, a file that is another one cannot be known.
  return same ?? (position.head.length > 0 ? candidates[0] : undefined) ?? null;
}

/** Whether a file has at least what was read, and begins with the same. */
function isContinued({ offset, head }: FilePosition, file: LogOnDisk): boolean {
  return file.size >= offset && file.head.subarray(0, head.length).equals(head);
}
