import { EntitySchema } from 'typeorm';

/** One node's message about suspects of one partition. */
export interface WafEvidenceRow {
  readonly agentId: string;
  readonly partition: number;
  /** By the Core's clock; tells the node's messages to a partition apart. */
  readonly sampledAt: Date;
  /** When the bus took it. */
  readonly storedAt: Date;
  /** As `suspectsMessage` in contracts. */
  readonly message: unknown;
}

export const wafEvidenceEntity = new EntitySchema<WafEvidenceRow>({
  name: 'waf_evidence',
  tableName: 'waf_evidence',
  columns: {
    agentId: { type: 'uuid', name: 'agent_id', primary: true },
    partition: { type: 'int', primary: true },
    sampledAt: { type: 'timestamptz', name: 'sampled_at', primary: true },
    storedAt: { type: 'timestamptz', name: 'stored_at' },
    message: { type: 'jsonb' },
  },
});
