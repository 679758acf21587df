import { describe, expect, it } from 'vitest';
import { CompilerSwitch } from './compilers.ts';

/** What the switch was told to do, and when in milliseconds. @param rates lines a second, and for how many seconds */
function run(rates: readonly (readonly [perSecond: number, seconds: number])[]): [boolean, number][] {
  const turns: [boolean, number][] = [];
  let nowMs = 0;
  const compilers = new CompilerSwitch((isOn) => turns.push([isOn, nowMs]));
  for (const [perSecond, seconds] of rates) {
    for (let look = 0; look < seconds * 5; look += 1) {
      nowMs += 200;
      compilers.note(perSecond / 5, nowMs);
    }
  }
  return turns;
}

describe('CompilerSwitch', () => {
  it.each<[string, Parameters<typeof run>[0], [boolean, number][]]>([
    ['leaves them off while little comes', [[1500, 300]], []],
    ['is on within a second when much comes', [[3000, 100]], [[true, 800]]],
    ['is on at once in a burst', [[100_000, 1]], [[true, 200]]],
    ['stays on in a short pause', [[3000, 10], [0, 50], [3000, 10], [0, 50]], [[true, 800]]], // prettier-ignore
    ['stays on while neither much nor little comes', [[3000, 10], [1000, 600]], [[true, 800]]], // prettier-ignore
  ])('%s', (_, rates, turns) => expect(run(rates)).toEqual(turns));

  it('is off after a quiet minute, and on again', () => {
    const turns = run([
      [3000, 10],
      [10, 90],
      [3000, 10],
    ]);
    expect(turns.map(([isOn]) => isOn)).toEqual([true, false, true]);
    expect(turns[1]?.[1]).toBeGreaterThan(70_000);
    expect(turns[1]?.[1]).toBeLessThan(75_000);
  });
});
