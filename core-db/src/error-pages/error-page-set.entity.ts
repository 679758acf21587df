import type { ErrorPageKey } from '@flotilla/contracts';
import { EntitySchema } from 'typeorm';

/** Contents' hashes by what they are for. */
export type StoredErrorPages = Readonly<Partial<Record<ErrorPageKey, string>>>;

export interface ErrorPageSetRow {
  readonly id: string;
  readonly name: string;
  /** One at most. */
  readonly isDefault: boolean;
  readonly revision: number;
  readonly pages: StoredErrorPages;
  readonly updatedAt: Date;
  readonly updatedBy: string;
}

export const errorPageSetEntity = new EntitySchema<ErrorPageSetRow>({
  name: 'error_page_set',
  tableName: 'error_page_sets',
  columns: {
    id: { type: 'uuid', primary: true },
    name: { type: 'text' },
    isDefault: { type: 'boolean', name: 'is_default' },
    revision: { type: 'int' },
    pages: { type: 'jsonb' },
    updatedAt: { type: 'timestamptz', name: 'updated_at' },
    updatedBy: { type: 'text', name: 'updated_by' },
  },
});
