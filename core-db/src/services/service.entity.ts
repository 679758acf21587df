import type { Site } from '@flotilla/contracts';
import { EntitySchema } from 'typeorm';

/** A service's settings as they are stored: passwords hashed, as the agent gets them. How many replicas it has now stands apart. */
export type StoredServiceSettings = Omit<Site, 'serviceId' | 'serviceRevision' | 'scaleRevision' | 'name'>;

export interface ServiceRow {
  readonly id: string;
  readonly name: string;
  readonly agentId: string;
  readonly revision: number;
  readonly settings: StoredServiceSettings;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly updatedBy: string;
  readonly configState: 'applying' | 'applied' | 'rejected';
  readonly configReason: string | null;
  readonly appliedRevision: number | null;
  readonly configUpdatedAt: Date;
}

export const serviceEntity = new EntitySchema<ServiceRow>({
  name: 'service',
  tableName: 'services',
  columns: {
    id: { type: 'uuid', primary: true },
    name: { type: 'text' },
    agentId: { type: 'uuid', name: 'agent_id' },
    revision: { type: 'int' },
    settings: { type: 'jsonb' },
    createdAt: { type: 'timestamptz', name: 'created_at' },
    updatedAt: { type: 'timestamptz', name: 'updated_at' },
    updatedBy: { type: 'text', name: 'updated_by' },
    configState: { type: 'text', name: 'config_state' },
    configReason: { type: 'text', name: 'config_reason', nullable: true },
    appliedRevision: { type: 'int', name: 'applied_revision', nullable: true },
    configUpdatedAt: { type: 'timestamptz', name: 'config_updated_at' },
  },
});
