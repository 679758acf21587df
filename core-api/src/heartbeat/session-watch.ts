import { recordEvents, setAgentSession, type DatabaseSession, type HeartbeatAgent } from '@flotilla/core-db';
import { decideSession, type KnownSessions } from './decide-session.ts';

/** An alternating pair is told of once in this time. */
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

  async note(agent: HeartbeatAgent, sessionId: string, now: Date): Promise<void> {
    const before = this.#known.get(agent.id) ?? new Map<string, number>();
    const { known, isNew, rival } = decideSession(before, sessionId, agent.sessionId, now.getTime());
    this.#known.set(agent.id, known);
    if (!isNew) return;
    const isNews = rival !== null && now.getTime() - (this.#toldAt.get(agent.id) ?? -Infinity) > QUIET_MS;
    if (isNews) this.#toldAt.set(agent.id, now.getTime());
    await this.#deps.inTransaction(async (tx) => {
      await setAgentSession(tx, agent.id, sessionId);
      if (!isNews) return;
      const data = { name: agent.name, sessions: [sessionId, rival] };
      await recordEvents(tx, [{ kind: 'agent.duplicate_session', at: now, agentId: agent.id, serviceId: null, data }]);
    });
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
