import { describe, expect, it } from 'vitest';
import { findNestingDepth } from './find-nesting-depth.ts';

describe('findNestingDepth', () => {
  it.each([
    ['', 0],
    ['1', 0],
    ['{}', 1],
    ['{"a":[{"b":1}],"c":{}}', 3],
    ['["[[[["]', 1],
    [String.raw`["\"[[", [1]]`, 2],
    [String.raw`["\\", [[1]]]`, 3],
    [']]]][[', 0],
    ['['.repeat(10_000), 10_000],
  ])('%# %.30s', (json, depth) => {
    expect(findNestingDepth(Buffer.from(json))).toBe(depth);
  });
});
