import { TASK_LEASE_MS, type HeartbeatRequest, type TaskResult } from '@flotilla/contracts';
import {
  finishTask,
  lockAgents,
  lockTask,
  markTaskRunning,
  recordConfigurationResult,
  setAppliedRevision,
  setAgentContainers,
  setAgentFacts,
  setClockOffset,
  setRenderedConfigs,
  setServiceReplicas,
  type DatabaseSession,
  type HeartbeatAgent,
  type LockedTask,
} from '@flotilla/core-db';
import type { SecretBox } from '../shared/secret-box.ts';
import { formatOutcome } from './format-outcome.ts';
import { hasBanNews, recordBans } from './record-bans.ts';
import { recordTemplate } from './record-template.ts';

/** Clocks drift and measurements vary: smaller changes are not written. */
const NEWS_MS = 250;

export interface RecordContext {
  readonly now: Date;
  /** Seals what a report has of secrets. */
  readonly secretBox: SecretBox;
}

type KnownAgent = Pick<HeartbeatAgent, 'id' | 'name' | 'appliedRevision' | 'clockOffsetMs' | 'enforcedBanRevision'>;

/** Whether a heartbeat says more than that its agent lives. */
export function hasReport(agent: KnownAgent, beat: HeartbeatRequest): boolean {
  return (
    hasNewOffset(agent, beat) ||
    hasBanNews(agent, beat.bans) ||
    beat.appliedRevision !== agent.appliedRevision ||
    beat.taskResults.length > 0 ||
    beat.facts !== undefined ||
    beat.containers !== undefined ||
    beat.siteConfigs !== undefined ||
    beat.replicas !== undefined ||
    beat.proxyResult !== undefined
  );
}

/** An agent that does not know its offset yet, just started, takes nothing back. */
function hasNewOffset(
  { clockOffsetMs: known }: Pick<KnownAgent, 'clockOffsetMs'>,
  { clockOffsetMs }: HeartbeatRequest,
): boolean {
  if (clockOffsetMs === null) return false;
  return known === null || Math.abs(clockOffsetMs - known) > NEWS_MS;
}

/** Stores everything that a heartbeat reports, all of it or nothing. A report that comes twice changes nothing. */
export async function recordReport(
  tx: DatabaseSession,
  agent: KnownAgent,
  beat: HeartbeatRequest,
  { now, secretBox }: RecordContext,
): Promise<void> {
  const agentId = agent.id;
  await lockAgents(tx, [agentId]);
  // The agent alone knows what its nginx serves: results tell of tasks, and those may come late.
  if (beat.appliedRevision !== agent.appliedRevision) await setAppliedRevision(tx, agentId, beat.appliedRevision, now);
  if (hasNewOffset(agent, beat)) await setClockOffset(tx, agentId, beat.clockOffsetMs);
  if (beat.facts !== undefined) await setAgentFacts(tx, agentId, beat.facts);
  if (beat.containers !== undefined) await setAgentContainers(tx, agentId, beat.containers, now);
  for (const result of beat.taskResults) {
    const task = await lockTask(tx, result.taskId, agentId);
    if (task !== null) await recordTaskResult(tx, agentId, task, result, { now, secretBox });
  }
  if (beat.proxyResult !== undefined) await recordConfigurationResult(tx, agentId, beat.proxyResult, now);
  if (beat.siteConfigs !== undefined) await setRenderedConfigs(tx, agentId, beat.siteConfigs);
  if (beat.replicas !== undefined) await setServiceReplicas(tx, agentId, beat.replicas, now);
  // Last: all changes of bans wait for each other.
  if (hasBanNews(agent, beat.bans)) await recordBans(tx, agent, beat.bans, now);
}

async function recordTaskResult(
  tx: DatabaseSession,
  agentId: string,
  task: LockedTask,
  result: TaskResult,
  { now, secretBox }: RecordContext,
): Promise<void> {
  if (task.hasResult) return;
  if (result.status === 'running') {
    // A superseded task stays that: only what is under way gets a longer lease.
    if (task.state === 'delivered' || task.state === 'running') await markTaskRunning(tx, task.id, TASK_LEASE_MS);
    return;
  }
  const configuration = readConfiguration(task, result);
  if (configuration !== null) await recordConfigurationResult(tx, agentId, configuration, now);
  await finishTask(tx, task.id, {
    state: task.state === 'superseded' ? 'superseded' : result.status,
    outcome: formatOutcome(result),
    result: await recordTemplate(tx, { task, agentId, result, now, secretBox }),
  });
}

/** What a result says of the node's configuration; null when it says nothing, or something that is over by now. */
function readConfiguration(task: LockedTask, result: Exclude<TaskResult, { status: 'running' }>) {
  if (task.isOvertaken || task.type !== 'UPDATE_NGINX') return null;
  if (result.status === 'succeeded') return result.type === task.type ? result.result : null;
  if (task.revision === null || task.state === 'superseded') return null;
  return { outcome: 'rejected' as const, revision: task.revision, reason: result.error, rejectedSites: [] };
}
