import type { TaskResult } from '@flotilla/contracts';
import { insertContainerTemplate, type DatabaseSession, type LockedTask } from '@flotilla/core-db';
import { sealTemplate, TEMPLATE_LIFETIME_MS } from '../shared/container-templates.ts';
import type { SecretBox } from '../shared/secret-box.ts';

interface ReportedResult {
  readonly task: LockedTask;
  readonly agentId: string;
  readonly result: TaskResult;
  readonly now: Date;
  readonly secretBox: SecretBox;
}

/**
 * Keeps what a node has read of a container, sealed, when somebody still waits for it.
 * @returns the result as it may be stored: without what was read, whatever task it was sent for
 */
export async function recordTemplate(tx: DatabaseSession, reported: ReportedResult): Promise<unknown> {
  const { task, agentId, result, now, secretBox } = reported;
  if (result.status !== 'succeeded' || result.type !== 'READ_CONTAINER' || result.result.outcome !== 'read') {
    return result;
  }
  const isWaitedFor = task.type === 'READ_CONTAINER' && task.state !== 'expired' && task.state !== 'superseded';
  if (isWaitedFor) {
    await insertContainerTemplate(tx, {
      id: task.id,
      agentId,
      template: sealTemplate(result.result.template, secretBox),
      expiresAt: new Date(now.getTime() + TEMPLATE_LIFETIME_MS),
    });
  }
  return { ...result, result: { outcome: 'read' } };
}
