import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTick } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { waitUntil } from '../testing/wait-until.ts';
import { formatLogPosition, logPosition, type LogPosition } from './log-position.ts';
import { LogTail, type LogTailOptions } from './log-tail.ts';
import { compareWithWritten, LogWriter, numbersOf } from './testing/log-writer.ts';

const FROM_THE_BEGINNING: LogPosition = { files: [] };
const NOTHING_WRONG = { lost: 0, twice: 0 };

let directory: string;
let file: string;
let numbers: number[];
let closing: (() => unknown)[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'flotilla-log-'));
  file = join(directory, 'access.log');
  numbers = [];
  closing = [];
});

afterEach(async () => {
  for (const close of closing) await close();
  await rm(directory, { recursive: true, force: true });
});

function startTail(options: Partial<LogTailOptions> = {}): LogTail {
  const tail = new LogTail({
    file,
    position: FROM_THE_BEGINNING,
    signal: new AbortController().signal,
    onLines: (lines) => void numbers.push(...numbersOf(lines)),
    ...options,
  });
  closing.push(() => tail.close());
  return tail;
}

function startWriter(lineBytes?: number): LogWriter {
  const writer = new LogWriter(file, lineBytes);
  closing.push(() => writer.close());
  return writer;
}

/** As it comes back from the disk. */
const stored = (tail: LogTail): LogPosition => logPosition.parse(JSON.parse(formatLogPosition(tail.position)));

const upTo = (last: number): number[] => Array.from({ length: last }, (_, index) => index + 1);

describe('a tail', () => {
  it('begins at the end of what is there, and at the beginning of what comes later', async () => {
    const tail = startTail({ position: null });
    expect(await tail.look()).toBe(false);
    const writer = startWriter();
    writer.write(3);
    expect(await tail.look()).toBe(true);
    expect(numbers).toEqual([1, 2, 3]);
    const another = startTail({ position: null });
    await another.look();
    writer.write(2);
    numbers = [];
    await another.look();
    expect(numbers).toEqual([4, 5]);
  });

  it('waits for the end of a line', async () => {
    const [writer, tail] = [startWriter(), startTail()];
    writer.write(1);
    writer.writeText('2');
    await tail.look();
    await tail.look();
    expect(numbers).toEqual([1]);
    const after = startTail({ position: stored(tail) });
    writer.writeText('2 x\n23\n');
    await tail.look();
    expect(numbers).toEqual([1, 22, 23]);
    await after.look();
    expect(numbers.slice(3), 'also after a restart').toEqual([22, 23]);
  });

  it('passes over a line that is too long, and knows so after a restart', async () => {
    const [writer, tail] = [startWriter(), startTail({ bufferBytes: 4096 })];
    writer.write(1);
    writer.writeText('9'.repeat(10_000));
    await tail.look();
    expect(tail.figures.tooLongLines).toBe(1);
    const after = startTail({ bufferBytes: 4096, position: stored(tail) });
    writer.writeText(`${'9'.repeat(10_000)}\n2\n`);
    await after.look();
    expect(numbers).toEqual([1, 2]);
    await tail.look();
    expect(numbers).toEqual([1, 2, 2]);
    expect([tail.figures.tooLongLines, after.figures.tooLongLines]).toEqual([1, 0]);
  });

  it.each(['rename', 'copy'] as const)('follows rotation by %s, each line once', async (kind) => {
    const [writer, tail] = [startWriter(), startTail()];
    writer.write(1);
    await tail.look();
    for (let round = 1; round <= 5; round += 1) {
      writer.write(10);
      if (round % 2 === 0) await tail.look();
      writer.write(7);
      writer.rotate(kind, 3);
      if (round % 3 !== 0) await tail.look();
    }
    writer.write(5);
    await tail.look();
    expect(numbers).toEqual(upTo(writer.last));
    expect(tail.figures.lostFiles).toBe(0);
  });

  it('reads on in a renamed log that is still written to while the new one is, too', async () => {
    const [writer, tail] = [startWriter(), startTail()];
    writer.write(2);
    await tail.look();
    renameSync(file, `${file}.1`);
    writeFileSync(file, '100 x\n');
    await tail.look();
    writer.write(2);
    await tail.look();
    expect(numbers).toEqual([1, 2, 100, 3, 4]);
  });

  it('leaves a renamed log when nothing comes any more', async () => {
    const [writer, tail] = [startWriter(), startTail({ leftAfterQuietMs: 50 })];
    writer.write(2);
    await tail.look();
    writer.rotate('rename');
    writer.write(1);
    await tail.look();
    expect(tail.position.files).toHaveLength(2);
    await waitUntil('one file', async () => {
      await tail.look();
      return tail.position.files.length === 1;
    });
  });

  it.each([
    ['rename', 1],
    ['rename', 3],
    ['copy', 1],
    ['copy', 3],
  ] as const)('goes on where it was after a restart with rotations by %s, %i of them', async (kind, rotations) => {
    const [writer, before] = [startWriter(), startTail()];
    writer.write(10);
    await before.look();
    const position = stored(before);
    for (let rotation = 1; rotation <= rotations; rotation += 1) {
      writer.write(10);
      writer.rotate(kind, 2);
    }
    writer.write(10);
    const after = startTail({ position });
    await after.look();
    expect(numbers).toEqual(upTo(writer.last));
    expect(after.figures.lostFiles).toBe(0);
  });

  it('sees that a log was emptied and is longer than before again', async () => {
    const [writer, tail] = [startWriter(), startTail()];
    writer.write(3);
    await tail.look();
    truncateSync(file);
    writer.write(10);
    await tail.look();
    expect(numbers).toEqual(upTo(13));
    expect(tail.figures.lostFiles, 'nobody can know what was in it').toBe(1);
  });

  it('reads what is left of a log that was deleted, and counts one that nobody has any more', async () => {
    const [writer, tail] = [startWriter(), startTail()];
    writer.write(3);
    await tail.look();
    const position = stored(tail);
    rmSync(file);
    writer.write(2);
    const another = new LogWriter(file);
    another.writeText('6 x\n');
    another.close();
    await tail.look();
    expect(numbers).toEqual(upTo(6));
    expect(tail.figures.lostFiles).toBe(0);
    const after = startTail({ position });
    await after.look();
    expect(numbers.slice(6)).toEqual([6]);
    expect(after.figures.lostFiles).toBe(1);
  });
});

describe('a burst at full speed', () => {
  const LINES = 600_000;
  const CHUNK = 500;

  /** Rotates each 20,000 lines or so, between two looks and in the middle of them. */
  async function burst(
    kind: 'rename' | 'copy',
    look: () => Promise<unknown>,
  ): Promise<{ lost: number; twice: number }> {
    const writer = startWriter(150);
    // What was rotated before the first look is of the time before, and that look may come late on a busy machine.
    writer.write(1);
    await look();
    let isWriting = true;
    const reading = (async () => {
      while (isWriting) {
        await look();
        await nextTick();
      }
      await look();
    })();
    for (let chunk = 1; chunk <= LINES / CHUNK; chunk += 1) {
      writer.write(CHUNK);
      if (chunk % 41 === 0) writer.rotate(kind);
      await nextTick();
    }
    isWriting = false;
    await reading;
    return compareWithWritten(numbers, writer.last);
  }

  it.each(['rename', 'copy'] as const)('loses nothing and has nothing twice, rotation by %s', async (kind) => {
    const tail = startTail();
    const startedAt = performance.now();
    expect(await burst(kind, () => tail.look())).toEqual(NOTHING_WRONG);
    expect(numbers).toHaveLength(LINES + 1);
    expect(LINES / ((performance.now() - startedAt) / 1000), 'lines a second').toBeGreaterThan(100_000);
  });

  it('loses lines with a reader that changes to the new file as soon as it is there', async () => {
    // The control.
    const read = { inode: 0, offset: 0 };
    const { lost } = await burst('rename', async () => {
      const handle = await open(file, 'r').catch(() => null);
      if (handle === null) return;
      const { ino: inode, size } = await handle.stat();
      const offset = inode === read.inode ? read.offset : 0;
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(size - offset), 0, size - offset, offset);
      await handle.close();
      numbers.push(...numbersOf(buffer.subarray(0, bytesRead)));
      Object.assign(read, { inode, offset: offset + bytesRead });
    });
    expect(lost).toBeGreaterThan(0);
  });
});

describe('a reader that is killed', () => {
  const READER = fileURLToPath(new URL('testing/read-until-killed.ts', import.meta.url));
  const LINES = 60_000;

  async function readWithKills(mode: 'together' | 'apart'): Promise<{ lost: number; twice: number; kills: number }> {
    const results = join(directory, 'results');
    const writer = startWriter();
    writer.write(1);
    const readResults = (): number[] => {
      try {
        const whole = readFileSync(results, 'utf8').split('\n').slice(0, -1);
        return whole.flatMap((line) => (line.split('\t')[0] ?? '').split(' ').map(Number));
      } catch {
        return [];
      }
    };
    let child = start();
    await waitUntil('the first line', () => readResults().length === 1);
    let kills = 0;
    for (let part = 1; part <= 6; part += 1) {
      const before = readResults().length;
      for (let chunk = 0; chunk < 20; chunk += 1) {
        writer.write(LINES / 6 / 20);
        if (chunk % 7 === 3) writer.rotate(part % 2 === 0 ? 'copy' : 'rename');
        await nextTick();
      }
      await waitUntil('some lines more', () => readResults().length > before);
      await kill(child);
      kills += 1;
      child = start();
    }
    await waitUntil('the last line', () => readResults().includes(writer.last));
    await kill(child);
    return { ...compareWithWritten(readResults(), writer.last), kills };

    function start(): ChildProcess {
      return spawn(process.execPath, [READER, file, results, mode], { stdio: 'inherit' });
    }
  }

  async function kill(child: ChildProcess): Promise<void> {
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }

  it('goes on where it was: nothing is lost, nothing is there twice', async () => {
    expect(await readWithKills('together')).toEqual({ ...NOTHING_WRONG, kills: 6 });
  });

  it('loses lines when the position is kept apart from what was made of them', async () => {
    // The control.
    const { lost } = await readWithKills('apart');
    expect(lost).toBeGreaterThan(0);
  });
});
