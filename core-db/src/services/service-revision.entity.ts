import { EntitySchema } from 'typeorm';
import type { StoredServiceSettings } from './service.entity.ts';

export interface ServiceRevisionRow {
  readonly serviceId: string;
  readonly revision: number;
  readonly settings: StoredServiceSettings;
  readonly name: string;
  readonly savedAt: Date;
  readonly savedBy: string;
  readonly restoredRevision: number | null;
}

export const serviceRevisionEntity = new EntitySchema<ServiceRevisionRow>({
  name: 'service-revision',
  tableName: 'service_revisions',
  columns: {
    serviceId: { type: 'uuid', name: 'service_id', primary: true },
    revision: { type: 'int', primary: true },
    settings: { type: 'jsonb' },
    name: { type: 'text' },
    savedAt: { type: 'timestamptz', name: 'saved_at' },
    savedBy: { type: 'text', name: 'saved_by' },
    restoredRevision: { type: 'int', name: 'restored_revision', nullable: true },
  },
});
