import { entityId } from '@flotilla/contracts';
import { describe, expect, it } from 'vitest';
import { newId } from './new-id.ts';

describe('newId', () => {
  it('is a UUID of version 7 that begins with the time', () => {
    const id = newId(new Date('2026-11-23T00:00:00Z'));
    expect(entityId.parse(id)).toBe(id);
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(Number.parseInt(id.replace('-', '').slice(0, 12), 16)).toBe(Date.parse('2026-11-23T00:00:00Z'));
  });

  it('sorts by time and does not repeat', () => {
    const now = new Date();
    expect(newId(new Date(now.getTime() + 1)) > newId(now)).toBe(true);
    expect(new Set(Array.from({ length: 1000 }, () => newId(now))).size).toBe(1000);
  });
});
