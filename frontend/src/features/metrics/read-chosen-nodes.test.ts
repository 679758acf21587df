import { expect, it } from 'vitest';
import { readChosenNodes } from './read-chosen-nodes.ts';

const id = (number: number) => `0190b6f0-7c3e-7000-8000-${String(number).padStart(12, '0')}`;
const many = Array.from({ length: 60 }, (_, index) => id(index));

it.each([
  [undefined, []],
  [['a', 'b'], []],
  ['', []],
  [`${id(1)},nonsense,${id(2)},${id(1)}`, [id(1), id(2)]],
  [many.join(','), many.slice(0, 12)],
])('of %j', (nodes, ids) => expect(readChosenNodes({ nodes })).toEqual(ids));
