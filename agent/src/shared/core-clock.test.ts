import { beforeEach, describe, expect, it } from 'vitest';
import { createMemoryLog } from '../testing/memory-log.ts';
import { createCoreClock, type CoreClock } from './core-clock.ts';

const MINUTE_MS = 60_000;
const EPOCH_MS = 1_780_000_000_000;

let monotonicMs: number;
/** How much the host's clock is ahead of the true time. */
let wrongMs: number;
let clock: CoreClock;
let log: ReturnType<typeof createMemoryLog>;

const trueMs = (): number => EPOCH_MS + monotonicMs;

beforeEach(() => {
  monotonicMs = 5000;
  wrongMs = 0;
  log = createMemoryLog();
  clock = createCoreClock(log.logger, { monotonicMs: () => monotonicMs, wallMs: () => trueMs() + wrongMs });
});

/** @param outMs the way to the Core @param backMs and back */
function ask(outMs = 4, backMs = 6): void {
  const sentAtMs = monotonicMs;
  monotonicMs += outMs;
  const serverTimeMs = Math.floor(trueMs());
  monotonicMs += backMs;
  clock.measure({ sentAtMs, receivedAtMs: monotonicMs, serverTimeMs });
}

const error = (): number => Math.abs(clock.now() - trueMs());

describe('the Core’s clock', () => {
  it('is the host’s until the Core has said something', () => {
    wrongMs = 10 * MINUTE_MS;
    expect(clock.offsetMs()).toBeNull();
    expect(clock.now()).toBe(trueMs() + wrongMs);
  });

  it('is the host’s when that is right to a second', () => {
    wrongMs = 700;
    ask();
    expect(clock.offsetMs()).toBe(0);
    expect(clock.now()).toBe(trueMs() + 700);
  });

  it.each([10 * MINUTE_MS, -10 * MINUTE_MS])('corrects a clock that is wrong by %i ms, and says so once', (wrong) => {
    wrongMs = wrong;
    for (let round = 0; round < 20; round += 1) {
      ask(4, 4 + round);
      monotonicMs += 2000;
      expect(error()).toBeLessThan(50);
    }
    expect(log.text().match(/this host’s clock is wrong/g)).toHaveLength(1);
  });

  it('is right at once when the host’s clock is set, before the Core is asked again', () => {
    ask();
    expect(clock.offsetMs()).toBe(0);
    wrongMs = 10 * MINUTE_MS;
    expect(error()).toBeLessThan(50);
    wrongMs = 0;
    expect(clock.offsetMs()).toBe(0);
    expect(log.text()).toContain('this host’s clock is right again');
  });

  it('does not believe a slow answer more than a quick one', () => {
    wrongMs = 10 * MINUTE_MS;
    ask(5, 5);
    ask(10, 4000);
    expect(error()).toBeLessThan(50);
    // The control: the slow one alone is wrong by half of its round trip.
    const alone = createCoreClock(log.logger, { monotonicMs: () => monotonicMs, wallMs: () => trueMs() + wrongMs });
    alone.measure({ sentAtMs: monotonicMs - 4010, receivedAtMs: monotonicMs, serverTimeMs: trueMs() - 4000 });
    expect(Math.abs(alone.now() - trueMs())).toBeGreaterThan(1000);
  });

  it('follows when the host has slept, or the Core’s clock was set', () => {
    wrongMs = -10 * MINUTE_MS;
    for (let round = 0; round < 5; round += 1) ask(1, 1);
    // The clock that nobody sets stood still for an hour.
    const slept = 60 * MINUTE_MS;
    clock.measure({ sentAtMs: monotonicMs, receivedAtMs: monotonicMs + 20, serverTimeMs: trueMs() + slept + 10 });
    expect(Math.abs(clock.now() - (trueMs() + slept))).toBeLessThan(50);
  });
});
