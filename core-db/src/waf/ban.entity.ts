import type { BanReason } from '@flotilla/contracts';
import { EntitySchema } from 'typeorm';

export interface BanRow {
  readonly id: string;
  /** Of the newest change to it; nodes ask for what changed since theirs. */
  readonly revision: string;
  readonly target: string;
  /** The node that it is about; null for all. */
  readonly agentId: string | null;
  /** The service that it is about; null for all. */
  readonly serviceId: string | null;
  /** An active one whose time is over has expired. */
  readonly state: 'held' | 'active' | 'lifted';
  readonly reason: BanReason;
  readonly ruleId: string | null;
  /** Of a rule's decision: two workers that decide the same by mistake ban once. */
  readonly decisionKey: string | null;
  readonly evidence: string[];
  readonly offence: number;
  readonly createdAt: Date;
  readonly createdBy: string;
  /** Null: until it is lifted. */
  readonly expiresAt: Date | null;
  readonly endedAt: Date | null;
  readonly endedBy: string | null;
}

export const banEntity = new EntitySchema<BanRow>({
  name: 'ban',
  tableName: 'bans',
  columns: {
    id: { type: 'uuid', primary: true },
    revision: { type: 'bigint' },
    target: { type: 'cidr' },
    agentId: { type: 'uuid', name: 'agent_id', nullable: true },
    serviceId: { type: 'uuid', name: 'service_id', nullable: true },
    state: { type: 'text' },
    reason: { type: 'jsonb' },
    ruleId: { type: 'text', name: 'rule_id', nullable: true },
    decisionKey: { type: 'text', name: 'decision_key', nullable: true, unique: true },
    evidence: { type: 'jsonb' },
    offence: { type: 'int' },
    createdAt: { type: 'timestamptz', name: 'created_at' },
    createdBy: { type: 'text', name: 'created_by' },
    expiresAt: { type: 'timestamptz', name: 'expires_at', nullable: true },
    endedAt: { type: 'timestamptz', name: 'ended_at', nullable: true },
    endedBy: { type: 'text', name: 'ended_by', nullable: true },
  },
});
