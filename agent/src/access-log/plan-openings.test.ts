import { describe, expect, it } from 'vitest';
import type { FilePosition } from './log-position.ts';
import { planOpenings, type LogOnDisk } from './plan-openings.ts';

const head = (text: string): Buffer => Buffer.from(text);
const known = (draft: Partial<FilePosition>): FilePosition => ({
  inode: '1',
  offset: 100,
  head: head('first'),
  isWithinLine: false,
  modifiedAtMs: 1000,
  ...draft,
});
const onDisk = (number: number, draft: Partial<LogOnDisk> = {}): LogOnDisk => ({
  number,
  inode: String(10 + number),
  size: 500,
  head: head(`file ${number}`),
  modifiedAtMs: 2000 - number,
  ...draft,
});
/** The file that `known()` is of. */
const first = { inode: '1', head: head('first line') };

interface Case {
  readonly known: FilePosition[];
  readonly onDisk: LogOnDisk[];
  /** Number and offset of what is opened. */
  readonly opened: [number: number, offset: number][];
  readonly lost?: number;
}

const cases: Record<string, Case> = {
  'nothing was read: only the log': { known: [], onDisk: [onDisk(0), onDisk(1)], opened: [[0, 0]] },
  'nothing has changed': { known: [known({})], onDisk: [onDisk(0, first), onDisk(1)], opened: [[0, 100]] },
  'renamed once': {
    known: [known({})],
    onDisk: [onDisk(0), onDisk(1, first), onDisk(2)],
    opened: [
      [1, 100],
      [0, 0],
    ],
  },
  'renamed, and no new one yet': { known: [known({})], onDisk: [onDisk(1, first), onDisk(2)], opened: [[1, 100]] },
  'renamed three times': {
    known: [known({})],
    onDisk: [onDisk(0), onDisk(1), onDisk(2), onDisk(3, first), onDisk(4)],
    opened: [
      [3, 100],
      [2, 0],
      [1, 0],
      [0, 0],
    ],
  },
  'copied and cut': {
    known: [known({})],
    onDisk: [onDisk(0, { inode: '1', size: 30 }), onDisk(1, { head: first.head })],
    opened: [
      [1, 100],
      [0, 0],
    ],
  },
  'copied and cut, and longer than before again': {
    known: [known({})],
    onDisk: [onDisk(0, { inode: '1', size: 900 }), onDisk(1, { head: first.head })],
    opened: [
      [1, 100],
      [0, 0],
    ],
  },
  'cut without a copy': {
    known: [known({})],
    onDisk: [onDisk(0, { inode: '1', size: 30 }), onDisk(1, { modifiedAtMs: 900 })],
    opened: [[0, 0]],
    lost: 1,
  },
  'a copy that is shorter than what was read is of another time': {
    known: [known({})],
    onDisk: [onDisk(0), onDisk(1, { head: first.head, size: 50, modifiedAtMs: 900 })],
    opened: [[0, 0]],
    lost: 1,
  },
  'gone: what was written to later is new': {
    known: [known({})],
    onDisk: [onDisk(0), onDisk(1, { modifiedAtMs: 1500 }), onDisk(2, { modifiedAtMs: 1000 })],
    opened: [
      [1, 0],
      [0, 0],
    ],
    lost: 1,
  },
  'the inode is used again, by another file': {
    known: [known({})],
    onDisk: [onDisk(0, { inode: '1' })],
    opened: [[0, 0]],
    lost: 1,
  },
  'an old one that is still read, and a rotation': {
    known: [known({}), known({ inode: '2', offset: 7, head: head('second') })],
    onDisk: [onDisk(0), onDisk(1, { inode: '2', head: head('second line') }), onDisk(2, first)],
    opened: [
      [2, 100],
      [1, 7],
      [0, 0],
    ],
  },
  'one between two that are known was never read': {
    known: [known({}), known({ inode: '2', offset: 0, head: head('') })],
    onDisk: [onDisk(0, { inode: '2' }), onDisk(1), onDisk(2, first)],
    opened: [
      [2, 100],
      [1, 0],
      [0, 0],
    ],
  },
  'a copy that is known already is opened once': {
    known: [known({ inode: '11', offset: 300 }), known({})],
    onDisk: [onDisk(0, { inode: '1', size: 30 }), onDisk(1, { head: first.head })],
    opened: [
      [1, 300],
      [0, 0],
    ],
  },
};

describe('planOpenings', () => {
  it.each(Object.entries(cases))('%s', (_, { known: positions, onDisk: files, opened, lost = 0 }) => {
    const plan = planOpenings(positions, files);
    expect(plan.openings.map(({ number, offset }) => [number, offset])).toEqual(opened);
    expect(plan.lost).toHaveLength(lost);
  });
});
