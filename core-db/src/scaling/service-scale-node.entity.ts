import { EntitySchema } from 'typeorm';

/** How many replicas of a service a node is asked for. */
export interface ServiceScaleNodeRow {
  readonly serviceId: string;
  readonly agentId: string;
  readonly count: number;
}

export const serviceScaleNodeEntity = new EntitySchema<ServiceScaleNodeRow>({
  name: 'service_scale_node',
  tableName: 'service_scale_nodes',
  columns: {
    serviceId: { type: 'uuid', name: 'service_id', primary: true },
    agentId: { type: 'uuid', name: 'agent_id', primary: true },
    count: { type: 'int' },
  },
});
