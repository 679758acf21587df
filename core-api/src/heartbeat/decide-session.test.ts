import { describe, expect, it } from 'vitest';
import { decideSession, type KnownSessions } from './decide-session.ts';

/** Plays heartbeats of sessions, each storing its session, and returns the rivals that were noticed. */
function play(beats: readonly (readonly [session: string, second: number])[]): (string | null)[] {
  let known: KnownSessions = new Map();
  let stored: string | null = null;
  return beats.map(([session, second]) => {
    const decision = decideSession(known, session, stored, second * 1000);
    known = decision.known;
    stored = session;
    return decision.rival;
  });
}

describe('decideSession', () => {
  it.each([
    [
      'one session',
      [
        ['a', 0],
        ['a', 2],
        ['a', 4],
      ],
      [null, null, null],
    ],
    [
      'a restart',
      [
        ['a', 0],
        ['b', 2],
        ['b', 4],
      ],
      [null, null, null],
    ],
    [
      'two restarts',
      [
        ['a', 0],
        ['b', 2],
        ['c', 4],
      ],
      [null, null, null],
    ],
    [
      'two agents',
      [
        ['a', 0],
        ['b', 1],
        ['a', 2],
        ['b', 3],
      ],
      [null, null, 'b', 'a'],
    ],
    [
      'an old session that comes back after minutes',
      [
        ['a', 0],
        ['b', 1],
        ['a', 70],
      ],
      [null, null, null],
    ],
  ] as const)('tells of %s', (_, beats, rivals) => expect(play(beats)).toEqual(rivals));

  it('notices a rival whose heartbeats another process answers', () => {
    expect(decideSession(new Map([['a', 1000]]), 'a', 'b', 2000).rival).toBe('b');
  });

  it('remembers a bounded number of sessions', () => {
    let known: KnownSessions = new Map();
    for (let n = 0; n < 100; n += 1) known = decideSession(known, `s${n}`, null, n).known;
    expect(known.size).toBeLessThanOrEqual(8);
  });
});
