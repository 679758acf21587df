import { TASK_LEASE_MS, type HeartbeatRequest, type HeartbeatResponse, type Task } from '@flotilla/contracts';
import {
  addSeenNetwork,
  deliverTasks,
  hasOpenDesiredStateTask,
  hasRecentDesiredStateTask,
  lockAgents,
  markAgentOnline,
  markServicesApplying,
  type DatabaseSession,
  type HeartbeatAgent,
} from '@flotilla/core-db';
import type { SecretBox } from '../shared/secret-box.ts';
import type { AgentKeys } from './authenticate-agents.ts';
import { decideResend } from './decide-resend.ts';
import { readBansOf } from './read-bans.ts';
import { chooseSeenNetwork } from './choose-seen-network.ts';
import { hasReport, recordReport } from './record-report.ts';
import type { LastSeenWriter } from './last-seen-writer.ts';
import type { SessionWatch } from './session-watch.ts';

/** Tasks of one answer; what is left comes with the next. */
const MAX_TASKS = 20;
const RECONCILIATION = 'reconciliation';
/** An agent that says both that it has applied a state and that it serves another must not get one task a heartbeat. */
const RECONCILIATION_PAUSE_MS = 30_000;

export interface HeartbeatDeps {
  readonly database: DatabaseSession;
  readonly inTransaction: <Value>(work: (tx: DatabaseSession) => Promise<Value>) => Promise<Value>;
  readonly keys: AgentKeys;
  readonly lastSeen: LastSeenWriter;
  readonly sessions: SessionWatch;
  readonly heartbeatIntervalMs: number;
  readonly now: () => Date;
  /** Seals what a report has of secrets. */
  readonly secretBox: SecretBox;
  /** Opens what a task holds of secrets; null when that is not possible, which it logs. */
  readonly openTask: (task: Task) => Task | null;
  /** Makes the node's desired state its newest task. */
  readonly refreshDesiredState: (tx: DatabaseSession, agentId: string, createdBy: string) => Promise<void>;
}

export interface HeartbeatSender {
  readonly apiKey: string;
  /** As the Core sees it: the socket's peer unless that is a trusted proxy. */
  readonly clientAddress: string | null;
}

/**
 * Answers one heartbeat. A heartbeat of a fleet at rest reads one row, of a query that it shares with others, and writes
 * nothing by itself; only what has changed takes a transaction.
 * @throws Unauthorized when no agent has the key
 */
export async function answerHeartbeat(
  deps: HeartbeatDeps,
  { apiKey, clientAddress }: HeartbeatSender,
  beat: HeartbeatRequest,
): Promise<HeartbeatResponse> {
  const agent = await deps.keys.authenticate(apiKey);
  const now = deps.now();
  const hasReleased = await noteAlive(deps, agent, beat, now);
  if (hasReport(agent, beat))
    await deps.inTransaction((tx) => recordReport(tx, agent, beat, { now, secretBox: deps.secretBox }));

  const network = chooseSeenNetwork(agent, clientAddress);
  if (network !== null) await deps.inTransaction((tx) => addSeenNetwork(tx, agent.id, network));

  const bans = await readBansOf(deps.database, agent, beat, now);
  const hasDrifted = !agent.hasPendingTask && !agent.hasTaskUnderWay && isAdrift(agent, beat);
  if (hasDrifted) await deps.inTransaction((tx) => restoreDesiredState(deps, tx, agent.id, beat));
  const tasks = agent.hasPendingTask || hasReleased || hasDrifted ? await pickUpTasks(deps, agent.id) : [];
  return {
    tasks,
    heartbeatIntervalMs: deps.heartbeatIntervalMs,
    serverTime: now.toISOString(),
    resend: decideResend(agent, beat),
    ...(bans !== null && { bans }),
  };
}

/** @returns whether tasks became available that another session had taken */
async function noteAlive(
  deps: HeartbeatDeps,
  agent: HeartbeatAgent,
  beat: HeartbeatRequest,
  now: Date,
): Promise<boolean> {
  const seen = { id: agent.id, seenAt: now, bus: beat.bus, version: beat.agentVersion };
  const sessionId = beat.sessionId ?? null;
  deps.lastSeen.note(seen);
  const session = sessionId === null ? null : deps.sessions.observe(agent, sessionId, now);
  if (agent.status === 'online' && session?.isNew !== true) return false;
  return deps.inTransaction(async (tx) => {
    await lockAgents(tx, [agent.id]);
    if (agent.status === 'offline') await markAgentOnline(tx, { ...seen, sessionId });
    if (sessionId === null || session?.isNew !== true) return false;
    return deps.sessions.begin(tx, agent, { sessionId, rival: session.rival, now });
  });
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
  // Held now: a save, a result or another heartbeat may have come first.
  const { desiredRevision = null, rejectedRevision } = (await lockAgents(tx, [agentId])).get(agentId) ?? {};
  if (desiredRevision === null || desiredRevision === beat.appliedRevision || desiredRevision === rejectedRevision)
    return;
  if (await hasOpenDesiredStateTask(tx, agentId)) return;
  const attempt = { agentId, revision: desiredRevision, createdBy: RECONCILIATION, withinMs: RECONCILIATION_PAUSE_MS };
  if (await hasRecentDesiredStateTask(tx, attempt)) return;
  await markServicesApplying(tx, agentId);
  await deps.refreshDesiredState(tx, agentId, RECONCILIATION);
}

async function pickUpTasks(deps: HeartbeatDeps, agentId: string): Promise<Task[]> {
  const tasks = await deliverTasks(deps.database, { agentId, leaseMs: TASK_LEASE_MS, limit: MAX_TASKS });
  return tasks.flatMap((task) => deps.openTask(task) ?? []);
}
