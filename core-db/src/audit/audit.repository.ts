import type { AuditAction, AuditEntry } from '@flotilla/contracts';
import type { DatabaseSession } from '../database-session.ts';
import { newId } from '../new-id.ts';
import type { AuditRow } from './audit.entity.ts';
import { selectPage, type PageQuery, type SelectedPage } from '../paging/select-page.ts';

/** Who made a change. `system` is a program of the Core. */
export interface AuditActor {
  readonly kind: AuditEntry['actor']['kind'];
  readonly id: string | null;
  readonly name: string;
}

export interface AuditSubject {
  /** One word for what it is: `user`, `agent`, `service`, `join_token`. */
  readonly kind: string;
  readonly id: string | null;
  /** Its name at this time; it may be gone when somebody reads the entry. */
  readonly name: string;
}

export interface NewAuditEntry {
  readonly action: AuditAction;
  readonly actor: AuditActor;
  readonly subject: AuditSubject;
  readonly clientAddress: string | null;
  /** State before and after, without secrets; left out for what did not exist. */
  readonly before?: unknown;
  readonly after?: unknown;
}

export interface AuditRecord extends Required<NewAuditEntry> {
  readonly id: string;
  readonly at: Date;
}

export interface AuditFilters extends PageQuery {
  readonly action?: AuditAction | undefined;
  readonly subjectId?: string | undefined;
  readonly actorId?: string | undefined;
  /** Inclusive. */
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
}

/** Records a change in the transaction that makes it, so that there is never one without the other. */
export async function recordAudit(tx: DatabaseSession, entry: NewAuditEntry): Promise<void> {
  const { action, actor, subject, clientAddress } = entry;
  const states = [entry.before, entry.after].map((state) => (state === undefined ? null : JSON.stringify(state)));
  await tx.query(
    `insert into audit (id, action, actor_kind, actor_id, actor_name, subject_kind, subject_id, subject_name,
       client_address, before, after)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
    [
      newId(),
      action,
      actor.kind,
      actor.id,
      actor.name,
      subject.kind,
      subject.id,
      subject.name,
      clientAddress,
      ...states,
    ],
  );
}

/** Entries that match all the filters; `search` looks at the names of actor and subject. */
export async function listAudit(db: DatabaseSession, filters: AuditFilters): Promise<SelectedPage<AuditRecord>> {
  const { items, total } = await selectPage<AuditRow>(db, {
    columns: `id, at, action, actor_kind as "actorKind", actor_id as "actorId", actor_name as "actorName",
      subject_kind as "subjectKind", subject_id as "subjectId", subject_name as "subjectName",
      client_address as "clientAddress", before, after`,
    from: 'audit',
    where: [
      ['action = ?', filters.action],
      ['subject_id = ?', filters.subjectId],
      ['actor_id = ?', filters.actorId],
      ['at >= ?', filters.from],
      ['at <= ?', filters.to],
    ],
    searched: ['actor_name', 'subject_name'],
    sortable: { at: 'at' },
    query: filters,
  });
  return { items: items.map(readRow), total };
}

function readRow(row: AuditRow): AuditRecord {
  const { id, at, action, clientAddress, before, after } = row;
  const actor = { kind: row.actorKind, id: row.actorId, name: row.actorName };
  const subject = { kind: row.subjectKind, id: row.subjectId, name: row.subjectName };
  return { id, at, action, actor, subject, clientAddress, before, after };
}
