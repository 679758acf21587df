import { MAX_SERIES_NAME_LENGTH, seriesName } from '@flotilla/contracts';
import { describe, expect, it } from 'vitest';
import { formatCustomName } from './format-custom-name.ts';

describe('formatCustomName', () => {
  it.each([
    ['queue.length', 'queue.length'],
    ['jobs{queue="mail"}', 'jobs{queue="mail"}'],
    ['_x', '_x'],
    ['2xx', '_2xx'],
    [':rate', '_:rate'],
    ['', '_'],
    ['café', 'caf\\u00e9'],
    ['a\nb', 'a\\u000ab'],
    ['💥', '_\\ud83d\\udca5'],
    ['host.cpu', '_host.cpu'],
    ['host', 'host'],
    ['hosts.cpu', 'hosts.cpu'],
    ['Host.cpu', 'Host.cpu'],
    ['a'.repeat(MAX_SERIES_NAME_LENGTH), 'a'.repeat(MAX_SERIES_NAME_LENGTH)],
  ])('makes %j %j', (name, expected) => {
    expect(formatCustomName(name)).toBe(expected);
    expect(seriesName.safeParse(expected).success).toBe(true);
  });

  it.each([
    'a'.repeat(MAX_SERIES_NAME_LENGTH + 1),
    '1'.repeat(MAX_SERIES_NAME_LENGTH),
    'é'.repeat(MAX_SERIES_NAME_LENGTH / 5),
  ])('does not cut %s', (name) => expect(formatCustomName(name)).toBeNull());
});
