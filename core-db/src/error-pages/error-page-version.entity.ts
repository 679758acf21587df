import { EntitySchema } from 'typeorm';
import type { StoredErrorPages } from './error-page-set.entity.ts';

/** A set as it was saved; the newest is the set itself. */
export interface ErrorPageVersionRow {
  readonly setId: string;
  readonly revision: number;
  readonly name: string;
  readonly pages: StoredErrorPages;
  readonly savedAt: Date;
  readonly savedBy: string;
  readonly restoredRevision: number | null;
}

export const errorPageVersionEntity = new EntitySchema<ErrorPageVersionRow>({
  name: 'error_page_version',
  tableName: 'error_page_versions',
  columns: {
    setId: { type: 'uuid', primary: true, name: 'set_id' },
    revision: { type: 'int', primary: true },
    name: { type: 'text' },
    pages: { type: 'jsonb' },
    savedAt: { type: 'timestamptz', name: 'saved_at' },
    savedBy: { type: 'text', name: 'saved_by' },
    restoredRevision: { type: 'int', name: 'restored_revision', nullable: true },
  },
});
