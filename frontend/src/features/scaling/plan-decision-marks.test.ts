import { describe, expect, it } from 'vitest';
import { planDecisionMarks } from './plan-decision-marks.ts';
import { buildDecision } from './testing/build-scaling.ts';

const frame = { left: 0, right: 100, top: 0, bottom: 10, from: 0, to: 100_000 };
const at = (seconds: number) => buildDecision({ id: String(seconds), at: new Date(seconds * 1000).toISOString() });
const plan = (...seconds: number[]) =>
  planDecisionMarks(seconds.map(at), frame).map(({ px, decisions }) => [px, decisions.map(({ id }) => id)]);

describe('planDecisionMarks', () => {
  it.each<[string, number[], unknown[]]>([
    [
      'far apart they stand alone',
      [90, 50, 10],
      [
        [90, ['90']],
        [50, ['50']],
        [10, ['10']],
      ],
    ],
    ['near to each other they are one', [90, 80, 70], [[90, ['90', '80', '70']]]],
    [
      'a chain does not grow without end',
      [90, 70, 60],
      [
        [90, ['90', '70']],
        [60, ['60']],
      ],
    ],
    ['what is not shown has no mark', [120, 50], [[50, ['50']]]],
  ])('%s', (_, seconds, marks) => {
    expect(plan(...seconds)).toEqual(marks);
  });
});
