import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { formatLogPosition, logPosition, type LogPosition } from '../log-position.ts';
import { LogTail } from '../log-tail.ts';
import { numbersOf } from './log-writer.ts';

/**
 * A process to kill: reads a log for ever and keeps what it read, with the position behind it, in one step: one line of a
 * file a chunk. With `apart` the position is kept on its own and too early, which is what must not be done.
 */
const [file = '', results = '', mode] = process.argv.slice(2);
const positionFile = `${results}.position`;
const position = readPosition();

const tail = new LogTail({
  file,
  position,
  bufferBytes: 16_384,
  signal: new AbortController().signal,
  onLines: (lines, positionBehind) => {
    const numbers = numbersOf(lines).join(' ');
    const behind = formatLogPosition(positionBehind());
    if (mode === 'apart') {
      writeFileSync(`${positionFile}.new`, behind);
      renameSync(`${positionFile}.new`, positionFile);
      // Time to be killed in.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
    }
    writeFileSync(results, `${numbers}\t${behind}\n`, { flag: 'a' });
  },
});

for (;;) {
  await tail.look();
  await delay(2);
}

function readPosition(): LogPosition {
  const whole = readIfThere(results).split('\n').slice(0, -1);
  // What was being written when the process was killed has no end, and does not count.
  const text = mode === 'apart' ? readIfThere(positionFile) : (whole.at(-1)?.split('\t')[1] ?? '');
  return text === '' ? { files: [] } : logPosition.parse(JSON.parse(text));
}

function readIfThere(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}
