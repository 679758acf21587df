import {
  recordDuplicateSession,
  releaseTasks,
  setAgentSession,
  type DatabaseSession,
  type HeartbeatAgent,
} from '@flotilla/core-db';
import { decideSession, type KnownSessions, type SessionDecision } from './decide-session.ts';

/** An alternating pair is looked at once in this time. */
const QUIET_MS = 600_000;

/** Keeps each agent's session current, and raises an event when two live agents share one id. */
export class SessionWatch {
  readonly #known = new Map<string, KnownSessions>();
  readonly #toldAt = new Map<string, number>();

  /** What the session of a heartbeat means. Remembers it, and writes nothing. */
  observe(agent: HeartbeatAgent, sessionId: string, now: Date): Omit<SessionDecision, 'known'> {
    const before = this.#known.get(agent.id) ?? new Map<string, number>();
    const { known, isNew, rival } = decideSession(before, sessionId, agent.sessionId, now.getTime());
    this.#known.set(agent.id, known);
    return { isNew, rival };
  }

  /**
   * Stores a new session. An agent that was started anew has lost the tasks that it had in its hands, so they become
   * available again at once; two agents under one id would only hand them to and fro. Call it with the agent locked.
   * @returns whether tasks became available
   */
  async begin(
    tx: DatabaseSession,
    agent: HeartbeatAgent,
    { sessionId, rival, now }: { sessionId: string; rival: string | null; now: Date },
  ): Promise<boolean> {
    await setAgentSession(tx, agent.id, sessionId);
    if (rival === null) return releaseTasks(tx, agent.id);
    if (now.getTime() - (this.#toldAt.get(agent.id) ?? -Infinity) > QUIET_MS) {
      await recordDuplicateSession(tx, agent, [sessionId, rival], now);
      this.#toldAt.set(agent.id, now.getTime());
    }
    return false;
  }

  /** Forgets agents that were removed or have been silent, so that the memory follows the fleet. */
  forgetSilent(now: Date): void {
    for (const [id, known] of this.#known) {
      const latest = Math.max(...known.values());
      if (now.getTime() - latest <= QUIET_MS) continue;
      this.#known.delete(id);
      this.#toldAt.delete(id);
    }
  }
}
