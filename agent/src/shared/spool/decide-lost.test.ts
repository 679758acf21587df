import { describe, expect, it } from 'vitest';
import { decideLost, RUN_GAP } from './decide-lost.ts';

describe('decideLost', () => {
  it.each([
    ['two between neighbours', { before: 4, after: 7, acknowledgedThrough: 0 }, 2],
    ['none when the neighbours follow each other', { before: 4, after: 5, acknowledgedThrough: 0 }, 0],
    ['one at the end, where it cannot be known', { before: 4, after: null, acknowledgedThrough: 0 }, 1],
    ['one at the end of a run', { before: 4, after: 4 + RUN_GAP, acknowledgedThrough: 0 }, 1],
    ['one at a beginning that is not known', { before: null, after: 9, acknowledgedThrough: 0 }, 1],
    ['not what the bus has', { before: 4, after: 9, acknowledgedThrough: 6 }, 2],
    ['nothing when the bus has all of it', { before: 4, after: 9, acknowledgedThrough: 8 }, 0],
  ])('counts %s', (_, neighbours, lost) => {
    expect(decideLost(neighbours)).toBe(lost);
  });
});
