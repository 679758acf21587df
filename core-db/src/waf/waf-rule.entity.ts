import type { RuleSettings } from '@flotilla/contracts';
import { EntitySchema } from 'typeorm';

export interface WafRuleRow {
  /** Of a shipped rule that was changed, or of one of the operators' own. */
  readonly id: string;
  readonly settings: RuleSettings;
  readonly updatedAt: Date;
  readonly updatedBy: string;
}

export const wafRuleEntity = new EntitySchema<WafRuleRow>({
  name: 'waf_rule',
  tableName: 'waf_rules',
  columns: {
    id: { type: 'text', primary: true },
    settings: { type: 'jsonb' },
    updatedAt: { type: 'timestamptz', name: 'updated_at' },
    updatedBy: { type: 'text', name: 'updated_by' },
  },
});
