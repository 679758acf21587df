import type { ServiceHistoryEntry } from '@flotilla/contracts';
import { EntitySchema } from 'typeorm';

/** What became of a service's revision on one of the nodes that it was for. */
export interface ServiceRevisionNodeRow {
  readonly serviceId: string;
  readonly revision: number;
  readonly agentId: string;
  readonly state: NonNullable<ServiceHistoryEntry['state']>;
  readonly reason: string | null;
  /** The nginx file that the agent rendered. */
  readonly config: string | null;
}

export const serviceRevisionNodeEntity = new EntitySchema<ServiceRevisionNodeRow>({
  name: 'service_revision_node',
  tableName: 'service_revision_nodes',
  columns: {
    serviceId: { type: 'uuid', name: 'service_id', primary: true },
    revision: { type: 'int', primary: true },
    agentId: { type: 'uuid', name: 'agent_id', primary: true },
    state: { type: 'text' },
    reason: { type: 'text', nullable: true },
    config: { type: 'text', nullable: true },
  },
});
