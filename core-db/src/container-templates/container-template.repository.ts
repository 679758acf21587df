import { queryRows, type DatabaseSession } from '../database-session.ts';
import { storableJson } from '../storable-text.ts';
import type { ContainerTemplateRow } from './container-template.entity.ts';

export async function insertContainerTemplate(tx: DatabaseSession, row: ContainerTemplateRow): Promise<void> {
  await tx.query('insert into container_templates (id, agent_id, template, expires_at) values ($1, $2, $3, $4)', [
    row.id,
    row.agentId,
    storableJson(row.template),
    row.expiresAt,
  ]);
}

/** Null for one that is not there, or has expired. */
export async function findContainerTemplate(
  db: DatabaseSession,
  id: string,
  now: Date,
): Promise<Pick<ContainerTemplateRow, 'template' | 'expiresAt'> | null> {
  const [row] = await queryRows<Pick<ContainerTemplateRow, 'template' | 'expiresAt'>>(
    db,
    'select template, expires_at as "expiresAt" from container_templates where id = $1 and expires_at > $2',
    [id, now],
  );
  return row ?? null;
}
