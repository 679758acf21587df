import type { HeartbeatRequest, LimiterBan } from '@flotilla/contracts';
import { insertBans, setEnforcedBanRevision, type DatabaseSession, type HeartbeatAgent } from '@flotilla/core-db';

type Report = NonNullable<HeartbeatRequest['bans']>;
type KnownAgent = Pick<HeartbeatAgent, 'id' | 'name' | 'enforcedBanRevision'>;

/** A clock that is wrong, or a node that lies: no ban of a limiter lasts longer. */
const LONGEST_LIMITER_BAN_MS = 7 * 86_400_000;

/** Whether a heartbeat has news of bans. */
export function hasBanNews(agent: KnownAgent, report: HeartbeatRequest['bans']): report is Report {
  if (report === undefined) return false;
  return report.limiterBans.length > 0 || isNewRevision(agent, report);
}

/** Stores what a node says of bans: what it enforces, and whom its own limiter has banned there. */
export async function recordBans(tx: DatabaseSession, agent: KnownAgent, report: Report, now: Date): Promise<void> {
  const { enforcedRevision } = report;
  if (isNewRevision(agent, report) && enforcedRevision !== null) {
    await setEnforcedBanRevision(tx, agent.id, enforcedRevision);
  }
  await insertBans(
    tx,
    report.limiterBans.map((ban) => toBan(agent, ban, now)),
  );
}

function isNewRevision({ enforcedBanRevision }: KnownAgent, { enforcedRevision }: Report): boolean {
  return enforcedRevision !== null && enforcedRevision !== enforcedBanRevision;
}

/** One node's word bans on that node only. */
function toBan(agent: KnownAgent, ban: LimiterBan, now: Date) {
  const lastingMs = Math.min(Math.max(Date.parse(ban.expiresAt) - now.getTime(), 0), LONGEST_LIMITER_BAN_MS);
  return {
    id: ban.id,
    target: ban.target,
    agentId: agent.id,
    serviceId: ban.serviceId,
    state: 'active',
    reason: {
      by: 'limiter',
      agentId: agent.id,
      serviceId: ban.serviceId,
      requestsPerSecond: ban.requestsPerSecond,
    },
    ruleId: null,
    decisionKey: null,
    evidence: [],
    offence: ban.offence,
    createdAt: now,
    createdBy: agent.name,
    expiresAt: new Date(now.getTime() + lastingMs),
  } as const;
}
