import { EntitySchema } from 'typeorm';

export interface JoinTokenRow {
  readonly id: string;
  /** SHA-256 in hex. */
  readonly tokenHash: string;
  readonly agentName: string | null;
  readonly createdAt: Date;
  readonly createdByName: string;
  readonly createdById: string | null;
  readonly expiresAt: Date;
  readonly usedAt: Date | null;
  readonly usedByAgentId: string | null;
}

export const joinTokenEntity = new EntitySchema<JoinTokenRow>({
  name: 'join-token',
  tableName: 'join_tokens',
  columns: {
    id: { type: 'uuid', primary: true },
    tokenHash: { type: 'text', name: 'token_hash', unique: true },
    agentName: { type: 'text', name: 'agent_name', nullable: true },
    createdAt: { type: 'timestamptz', name: 'created_at' },
    createdByName: { type: 'text', name: 'created_by_name' },
    createdById: { type: 'uuid', name: 'created_by_id', nullable: true },
    expiresAt: { type: 'timestamptz', name: 'expires_at' },
    usedAt: { type: 'timestamptz', name: 'used_at', nullable: true },
    usedByAgentId: { type: 'uuid', name: 'used_by_agent_id', nullable: true },
  },
});
