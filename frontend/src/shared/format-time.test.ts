import { describe, expect, it } from 'vitest';
import { formatCountdown, formatDuration, formatRelativeTime, formatUtc } from './format-time.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const ago = (seconds: number) => new Date(NOW - seconds * 1000).toISOString();

describe('formatRelativeTime', () => {
  it.each([
    [0, 'en', 'now'],
    [59, 'en', '59 seconds ago'],
    [60, 'en', '1 minute ago'],
    [7200, 'en', '2 hours ago'],
    [86_400 * 3, 'en', '3 days ago'],
    [-30, 'en', 'now'],
    [-61, 'en', 'in 1 minute'],
    [-4 * 3600, 'en', 'in 4 hours'],
    [-4 * 3600, 'ru', 'через 4 часа'],
    [120, 'ru', '2 минуты назад'],
    [300, 'ru', '5 минут назад'],
  ])('%i s in %s: %s', (seconds, locale, expected) => {
    expect(formatRelativeTime(ago(seconds), NOW, locale)).toBe(expected);
  });
});

describe('formatUtc', () => {
  it('is UTC whatever offset the instant came with', () => {
    expect(formatUtc('2026-03-01T14:00:05+02:00')).toBe('2026-03-01 12:00:05 UTC');
  });
});

describe('formatCountdown', () => {
  it.each([
    [600, '10:00'],
    [61, '1:01'],
    [0, '0:00'],
    [-5, '0:00'],
  ])('%i s left: %s', (seconds, expected) => {
    expect(formatCountdown(ago(-seconds), NOW)).toBe(expected);
  });
});

describe('formatDuration', () => {
  it.each([
    [0, '0 seconds', '0 с'],
    [1500, '1.5 seconds', '1,5 с'],
    [15_000, '15 seconds', '15 с'],
    [60_000, '1 minute', '1 мин'],
    [90_000, '90 seconds', '90 с'],
    [36_000_000, '10 hours', '10 ч'],
    [86_400_000, '1 day', '1 дн.'],
  ])('%i ms is %s', (durationMs, english, russian) => {
    const plain = (text: string) => text.replaceAll(/[\u00a0\u202f]/g, ' ');
    expect(plain(formatDuration(durationMs, 'en'))).toBe(english);
    expect(plain(formatDuration(durationMs, 'ru'))).toBe(russian);
  });
});
