import {
  TASK_LEASE_MS,
  task as taskSchema,
  type HeartbeatRequest,
  type HeartbeatResponse,
  type Task,
} from '@flotilla/contracts';
import {
  deliverTasks,
  hasOpenTask,
  lockAgents,
  markAgentOnline,
  markServicesApplying,
  type DatabaseSession,
  type HeartbeatAgent,
} from '@flotilla/core-db';
import type { AgentKeys } from './authenticate-agents.ts';
import { hasReport, recordReport } from './record-report.ts';
import type { LastSeenWriter } from './last-seen-writer.ts';
import type { SessionWatch } from './session-watch.ts';

/** Tasks of one answer; what is left comes with the next. */
const MAX_TASKS = 20;

export interface HeartbeatDeps {
  readonly database: DatabaseSession;
  readonly inTransaction: <Value>(work: (tx: DatabaseSession) => Promise<Value>) => Promise<Value>;
  readonly keys: AgentKeys;
  readonly lastSeen: LastSeenWriter;
  readonly sessions: SessionWatch;
  readonly heartbeatIntervalMs: number;
  readonly now: () => Date;
  /** Makes the node's desired state its newest task. */
  readonly refreshDesiredState: (tx: DatabaseSession, agentId: string, createdBy: string) => Promise<void>;
}

/**
 * Answers one heartbeat. A heartbeat of a fleet at rest reads one row, of a query that it shares with others, and writes
 * nothing by itself; only what has changed takes a transaction.
 * @throws Unauthorized when no agent has the key
 */
export async function answerHeartbeat(
  deps: HeartbeatDeps,
  apiKey: string,
  beat: HeartbeatRequest,
): Promise<HeartbeatResponse> {
  const agent = await deps.keys.authenticate(apiKey);
  const now = deps.now();
  await noteAlive(deps, agent, beat, now);
  if (hasReport(beat)) await deps.inTransaction((tx) => recordReport(tx, agent.id, beat, now));

  const hasDrifted = !agent.hasPendingTask && !agent.hasTaskUnderWay && isAdrift(agent, beat);
  if (hasDrifted) await deps.inTransaction((tx) => restoreDesiredState(deps, tx, agent.id, beat));
  const tasks = agent.hasPendingTask || hasDrifted ? await pickUpTasks(deps, agent.id) : [];
  return {
    tasks,
    heartbeatIntervalMs: deps.heartbeatIntervalMs,
    serverTime: now.toISOString(),
    resend: agent.lacksFacts && beat.facts === undefined,
  };
}

async function noteAlive(deps: HeartbeatDeps, agent: HeartbeatAgent, beat: HeartbeatRequest, now: Date): Promise<void> {
  const seen = { id: agent.id, seenAt: now, bus: beat.bus, version: beat.agentVersion };
  deps.lastSeen.note(seen);
  if (agent.status === 'offline') await deps.inTransaction((tx) => markAgentOnline(tx, seen));
  if (beat.sessionId !== undefined) await deps.sessions.note(agent, beat.sessionId, now);
}

/** nginx serves something else than it should, and nothing is on its way that would change that. */
function isAdrift(agent: HeartbeatAgent, beat: HeartbeatRequest): boolean {
  const { desiredRevision, rejectedRevision } = agent;
  if (desiredRevision === null || desiredRevision === rejectedRevision) return false;
  return beat.appliedRevision !== desiredRevision && beat.taskResults.length === 0;
}

/** The agent came back without what it had applied: restored from an old copy, or installed anew. */
async function restoreDesiredState(
  deps: HeartbeatDeps,
  tx: DatabaseSession,
  agentId: string,
  beat: HeartbeatRequest,
): Promise<void> {
  const agent = (await lockAgents(tx, [agentId])).get(agentId);
  // Held now: a save or another heartbeat may have come first and made the task already.
  if (agent?.desiredRevision === beat.appliedRevision || (await hasOpenTask(tx, agentId))) return;
  await markServicesApplying(tx, agentId);
  await deps.refreshDesiredState(tx, agentId, 'reconciliation');
}

async function pickUpTasks(deps: HeartbeatDeps, agentId: string): Promise<Task[]> {
  const delivered = await deliverTasks(deps.database, { agentId, leaseMs: TASK_LEASE_MS, limit: MAX_TASKS });
  return delivered.map(({ id, type, payload }) => taskSchema.parse({ id, type, payload }));
}
