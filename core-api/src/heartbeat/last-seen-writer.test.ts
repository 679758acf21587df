import type { SeenAgent } from '@flotilla/core-db';
import { describe, expect, it } from 'vitest';
import { LastSeenWriter } from './last-seen-writer.ts';

function seen(id: string, second: number): SeenAgent {
  return { id, seenAt: new Date(Date.UTC(2026, 0, 1, 0, 0, second)), bus: 'connected', version: '1.0.0' };
}

describe('LastSeenWriter', () => {
  it('writes the latest of each agent, once', async () => {
    const written: (readonly SeenAgent[])[] = [];
    const writer = new LastSeenWriter({ write: async (agents) => void written.push(agents) });
    writer.note(seen('a', 1));
    writer.note(seen('b', 2));
    writer.note(seen('a', 3));
    await writer.flush();
    await writer.flush();
    expect(written).toEqual([[seen('a', 3), seen('b', 2)]]);
  });

  it('keeps what could not be written, but not over something newer', async () => {
    const written: (readonly SeenAgent[])[] = [];
    let isAway = true;
    const writer = new LastSeenWriter({
      write: async (agents) => {
        if (isAway) {
          writer.note(seen('a', 9));
          throw new Error('the database is away');
        }
        written.push(agents);
      },
    });
    writer.note(seen('a', 1));
    writer.note(seen('b', 1));
    await expect(writer.flush()).rejects.toThrow('away');
    isAway = false;
    await writer.flush();
    expect(written).toEqual([[seen('a', 9), seen('b', 1)]]);
  });
});
