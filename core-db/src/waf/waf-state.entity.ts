import { EntitySchema } from 'typeorm';

/** The one row that all changes of bans and of what is allowed go through. */
export interface WafStateRow {
  readonly isOnly: true;
  /** Of the newest change. */
  readonly revision: string;
  /** Of the newest change to what is allowed. */
  readonly allowedRevision: string;
  /** What operators have set of `WafGuards`. */
  readonly guards: unknown;
}

export const wafStateEntity = new EntitySchema<WafStateRow>({
  name: 'waf_state',
  tableName: 'waf_state',
  columns: {
    isOnly: { type: 'boolean', name: 'is_only', primary: true },
    revision: { type: 'bigint' },
    allowedRevision: { type: 'bigint', name: 'allowed_revision' },
    guards: { type: 'jsonb' },
  },
});
