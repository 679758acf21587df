import type { ServiceConfigurationState } from '@flotilla/contracts';
import { EntitySchema } from 'typeorm';

/** A node that a service lives on, and how far the service's newest revision has come there. */
export interface ServiceNodeRow {
  readonly serviceId: string;
  readonly agentId: string;
  readonly configState: ServiceConfigurationState;
  readonly configReason: string | null;
  /** The service's revision that the node's nginx serves; null when it serves none. */
  readonly appliedRevision: number | null;
  readonly configUpdatedAt: Date;
}

export const serviceNodeEntity = new EntitySchema<ServiceNodeRow>({
  name: 'service_node',
  tableName: 'service_nodes',
  columns: {
    serviceId: { type: 'uuid', name: 'service_id', primary: true },
    agentId: { type: 'uuid', name: 'agent_id', primary: true },
    configState: { type: 'text', name: 'config_state' },
    configReason: { type: 'text', name: 'config_reason', nullable: true },
    appliedRevision: { type: 'int', name: 'applied_revision', nullable: true },
    configUpdatedAt: { type: 'timestamptz', name: 'config_updated_at' },
  },
});
