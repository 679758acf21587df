import type { AgentFacts, AgentStatus, ObservedContainer } from '@flotilla/contracts';
import { EntitySchema } from 'typeorm';

export interface AgentRow {
  readonly id: string;
  readonly name: string;
  readonly url: string | null;
  /** SHA-256 in hex, of the whole key. */
  readonly apiKeyHash: string;
  readonly status: AgentStatus;
  readonly lastSeenAt: Date | null;
  readonly registeredAt: Date;
  readonly version: string;
  readonly bus: 'connected' | 'polling';
  readonly busPublicKey: string | null;
  readonly sessionId: string | null;
  /** The Core's clock less the agent's; null while it is not known. */
  readonly clockOffsetMs: number | null;
  readonly facts: AgentFacts | null;
  readonly containers: readonly ObservedContainer[] | null;
  readonly containersReportedAt: Date | null;
  readonly desiredRevision: string | null;
  readonly appliedRevision: string | null;
  readonly appliedAt: Date | null;
  readonly rejectedRevision: string | null;
  readonly rejectedReason: string | null;
  /** Of the bans that its nginx enforces. */
  readonly banRevision: string | null;
  /** Where its heartbeats came from lately, newest first; without those that are never banned anyway. */
  readonly seenNetworks: readonly string[];
}

export const agentEntity = new EntitySchema<AgentRow>({
  name: 'agent',
  tableName: 'agents',
  columns: {
    id: { type: 'uuid', primary: true },
    name: { type: 'text', unique: true },
    url: { type: 'text', nullable: true },
    apiKeyHash: { type: 'text', name: 'api_key_hash' },
    status: { type: 'text' },
    lastSeenAt: { type: 'timestamptz', name: 'last_seen_at', nullable: true },
    registeredAt: { type: 'timestamptz', name: 'registered_at' },
    version: { type: 'text' },
    bus: { type: 'text' },
    busPublicKey: { type: 'text', name: 'bus_public_key', nullable: true, unique: true },
    sessionId: { type: 'uuid', name: 'session_id', nullable: true },
    clockOffsetMs: { type: 'int', name: 'clock_offset_ms', nullable: true },
    facts: { type: 'jsonb', nullable: true },
    containers: { type: 'jsonb', nullable: true },
    containersReportedAt: { type: 'timestamptz', name: 'containers_reported_at', nullable: true },
    desiredRevision: { type: 'text', name: 'desired_revision', nullable: true },
    appliedRevision: { type: 'text', name: 'applied_revision', nullable: true },
    appliedAt: { type: 'timestamptz', name: 'applied_at', nullable: true },
    rejectedRevision: { type: 'text', name: 'rejected_revision', nullable: true },
    rejectedReason: { type: 'text', name: 'rejected_reason', nullable: true },
    banRevision: { type: 'bigint', name: 'ban_revision', nullable: true },
    seenNetworks: { type: 'jsonb', name: 'seen_networks' },
  },
});
