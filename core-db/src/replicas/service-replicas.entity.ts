import type { ServiceReplicasReport } from '@flotilla/contracts';
import { EntitySchema } from 'typeorm';

export interface ServiceReplicasRow {
  readonly serviceId: string;
  readonly agentId: string;
  readonly report: ServiceReplicasReport;
  readonly reportedAt: Date;
}

export const serviceReplicasEntity = new EntitySchema<ServiceReplicasRow>({
  name: 'service_replicas',
  tableName: 'service_replicas',
  columns: {
    serviceId: { type: 'uuid', name: 'service_id', primary: true },
    agentId: { type: 'uuid', name: 'agent_id', primary: true },
    report: { type: 'jsonb' },
    reportedAt: { type: 'timestamptz', name: 'reported_at' },
  },
});
