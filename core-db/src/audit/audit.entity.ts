import type { AuditAction, AuditEntry } from '@flotilla/contracts';
import { EntitySchema } from 'typeorm';

export interface AuditRow {
  readonly id: string;
  readonly at: Date;
  readonly action: AuditAction;
  readonly actorKind: AuditEntry['actor']['kind'];
  readonly actorId: string | null;
  readonly actorName: string;
  readonly subjectKind: string;
  readonly subjectId: string | null;
  readonly subjectName: string;
  readonly clientAddress: string | null;
  readonly before: unknown;
  readonly after: unknown;
}

export const auditEntity = new EntitySchema<AuditRow>({
  name: 'audit',
  tableName: 'audit',
  columns: {
    id: { type: 'uuid', primary: true },
    at: { type: 'timestamptz' },
    action: { type: 'text' },
    actorKind: { type: 'text', name: 'actor_kind' },
    actorId: { type: 'uuid', name: 'actor_id', nullable: true },
    actorName: { type: 'text', name: 'actor_name' },
    subjectKind: { type: 'text', name: 'subject_kind' },
    subjectId: { type: 'uuid', name: 'subject_id', nullable: true },
    subjectName: { type: 'text', name: 'subject_name' },
    clientAddress: { type: 'text', name: 'client_address', nullable: true },
    before: { type: 'jsonb', nullable: true },
    after: { type: 'jsonb', nullable: true },
  },
});
