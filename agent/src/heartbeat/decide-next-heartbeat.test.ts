import { describe, expect, it } from 'vitest';
import { decideNextHeartbeat, type HeartbeatOutcome } from './decide-next-heartbeat.ts';

const answered = { kind: 'answered', heartbeatIntervalMs: 2000, hasMore: false } as const;
const refused = { kind: 'refused', status: 400, isFromCore: true, carried: 'nothing' } as const;

describe('decideNextHeartbeat', () => {
  it.each<[string, HeartbeatOutcome, object]>([
    ['waits for the Core’s interval', answered, { action: 'wait', intervalMs: 2000 }],
    ['takes at least a second', { ...answered, heartbeatIntervalMs: 5 }, { action: 'wait', intervalMs: 1000 }],
    ['takes at most five', { ...answered, heartbeatIntervalMs: 3_600_000 }, { action: 'wait', intervalMs: 5000 }],
    ['goes on at once with what had no room', { ...answered, hasMore: true }, { action: 'now', intervalMs: 2000 }],
    ['backs off while the Core is away', { kind: 'unavailable' }, { action: 'back-off', discard: 'nothing' }],
    ['stops when its key is refused', { ...refused, status: 401 }, { action: 'stop' }],
    [
      'does not believe a 401 of somebody else',
      { ...refused, status: 401, isFromCore: false },
      { action: 'back-off', discard: 'nothing' },
    ],
    [
      'drops an inventory that is refused, and keeps the results',
      { ...refused, carried: 'inventory' },
      { action: 'back-off', discard: 'inventory' },
    ],
    ['drops results that are refused', { ...refused, carried: 'results' }, { action: 'back-off', discard: 'results' }],
    ['has nothing to drop from vital signs', refused, { action: 'back-off', discard: 'nothing' }],
    [
      'drops nothing for what a proxy says',
      { ...refused, status: 404, isFromCore: false, carried: 'results' },
      { action: 'back-off', discard: 'nothing' },
    ],
  ])('%s', (_, outcome, expected) => {
    const next = decideNextHeartbeat(outcome);
    expect(next).toMatchObject(expected);
    expect(next.reason).not.toBe('');
  });
});
