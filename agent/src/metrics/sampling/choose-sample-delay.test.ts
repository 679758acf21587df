import { describe, expect, it } from 'vitest';
import { chooseSampleDelayMs, chooseSamplePhaseMs } from './choose-sample-delay.ts';

describe('chooseSamplePhaseMs', () => {
  it('lies within the interval and differs from agent to agent', () => {
    const phases = Array.from({ length: 200 }, (_, index) =>
      chooseSamplePhaseMs(`0198a1b2-0000-7000-8000-0000${(index * 0x01_2345_67).toString(16).padStart(8, '0')}`, 5000),
    );
    expect(Math.min(...phases)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...phases)).toBeLessThan(5000);
    expect(new Set(phases).size).toBeGreaterThan(150);
  });
});

describe('chooseSampleDelayMs', () => {
  it.each([
    ['a whole interval right at the tick', { nowMs: 10_300, intervalMs: 5000, phaseMs: 300 }, 5000],
    ['what is left of it', { nowMs: 12_300, intervalMs: 5000, phaseMs: 300 }, 3000],
    ['not the tick again that a timer called early', { nowMs: 10_299, intervalMs: 5000, phaseMs: 300 }, 5001],
    ['until the next tick after a slow sample', { nowMs: 17_300, intervalMs: 5000, phaseMs: 300 }, 3000],
    ['the same before the phase', { nowMs: 100, intervalMs: 5000, phaseMs: 4000 }, 3900],
  ])('waits %s', (_, schedule, delayMs) => {
    expect(chooseSampleDelayMs(schedule)).toBe(delayMs);
  });
});
