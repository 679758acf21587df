import { describe, expect, it } from 'vitest';
import { BanRate } from './ban-rate.ts';

const MINUTE_MS = 60_000;
const countTaken = (rate: BanRate, tries: number, nowMs: number): number =>
  Array.from({ length: tries }, () => rate.take(nowMs)).filter(([hasRoom]) => hasRoom).length;

describe('bans of a minute', () => {
  it('have a bound in every minute, wherever it begins', () => {
    const rate = new BanRate(10);
    const takenAt: number[] = [];
    for (let nowMs = 0; nowMs < 10 * MINUTE_MS; nowMs += 1000) if (rate.take(nowMs)[0]) takenAt.push(nowMs);
    const most = Math.max(
      ...takenAt.map((fromMs) => takenAt.filter((atMs) => atMs >= fromMs && atMs < fromMs + MINUTE_MS).length),
    );
    expect(most).toBe(10);
    expect(takenAt.length, 'and go on in the next').toBe(100);
  });

  it('are not twice as many around the end of one', () => {
    const rate = new BanRate(10);
    expect(countTaken(rate, 10, MINUTE_MS - 1)).toBe(10);
    expect(countTaken(rate, 10, MINUTE_MS + 1)).toBe(0);
    expect(countTaken(rate, 20, 2 * MINUTE_MS)).toBe(10);
  });

  it('are reported as full once each time that they are', () => {
    const rate = new BanRate(2);
    const isNews = [0, 0, 0, 0, MINUTE_MS, MINUTE_MS, MINUTE_MS].map((nowMs) => rate.take(nowMs)[1]);
    expect(isNews).toEqual([false, false, true, false, false, false, true]);
  });
});
