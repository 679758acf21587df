/** Sessions of one agent that this process has heard of, with the time of the last heartbeat of each. */
export type KnownSessions = ReadonlyMap<string, number>;

const ALTERNATION_WINDOW_MS = 60_000;
/** An agent that restarts in a loop must not fill the memory. */
const MAX_KNOWN_SESSIONS = 8;

export interface SessionDecision {
  readonly known: KnownSessions;
  /** The stored session is not this one. */
  readonly isNew: boolean;
  /** Another live session with which this one alternates (A, B, A within a minute): two agents share one id. */
  readonly rival: string | null;
}

/**
 * Tells a restarted agent (a new session, the old one silent) from two agents under one id (an old session that comes
 * back after a newer one was stored).
 * @param stored the session that the database has, perhaps written by another process
 * @param nowMs of this heartbeat
 */
export function decideSession(
  known: KnownSessions,
  sessionId: string,
  stored: string | null,
  nowMs: number,
): SessionDecision {
  const recent = [...known].filter(([, at]) => nowMs - at <= ALTERNATION_WINDOW_MS);
  const isBack = recent.some(([id]) => id === sessionId);
  const others = recent.filter(([id]) => id !== sessionId).slice(-(MAX_KNOWN_SESSIONS - 1));
  return {
    known: new Map([...others, [sessionId, nowMs]]),
    isNew: stored !== sessionId,
    rival: isBack && stored !== null && stored !== sessionId ? stored : null,
  };
}
