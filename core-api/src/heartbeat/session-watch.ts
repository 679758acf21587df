import {
  lockAgents,
  recordDuplicateSession,
  releaseTasks,
  setAgentSession,
  type DatabaseSession,
  type HeartbeatAgent,
} from '@flotilla/core-db';
import { decideSession, type KnownSessions } from './decide-session.ts';

/** An alternating pair is looked at once in this time. */
const QUIET_MS = 600_000;

export interface SessionWatchDeps {
  readonly inTransaction: <Value>(work: (tx: DatabaseSession) => Promise<Value>) => Promise<Value>;
}

/** Keeps each agent's session current, and raises an event when two live agents share one id. */
export class SessionWatch {
  readonly #deps: SessionWatchDeps;
  readonly #known = new Map<string, KnownSessions>();
  readonly #toldAt = new Map<string, number>();

  constructor(deps: SessionWatchDeps) {
    this.#deps = deps;
  }

  /**
   * Notes the session of a heartbeat. An agent that was started anew has lost the tasks that it had in its hands, so they
   * become available again at once; two agents under one id would only hand them to and fro.
   * @returns whether tasks became available
   */
  async note(agent: HeartbeatAgent, sessionId: string, now: Date): Promise<boolean> {
    const before = this.#known.get(agent.id) ?? new Map<string, number>();
    const { known, isNew, rival } = decideSession(before, sessionId, agent.sessionId, now.getTime());
    this.#known.set(agent.id, known);
    if (!isNew) return false;
    const isNews = now.getTime() - (this.#toldAt.get(agent.id) ?? -Infinity) > QUIET_MS;
    const hasReleased = await this.#deps.inTransaction(async (tx) => {
      await lockAgents(tx, [agent.id]);
      await setAgentSession(tx, agent.id, sessionId);
      if (rival === null) return releaseTasks(tx, agent.id);
      if (isNews) await recordDuplicateSession(tx, agent, [sessionId, rival], now);
      return false;
    });
    if (rival !== null && isNews) this.#toldAt.set(agent.id, now.getTime());
    return hasReleased;
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
