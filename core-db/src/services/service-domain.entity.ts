import { EntitySchema } from 'typeorm';

/** One node serves a domain for one service only: the key says so. */
export interface ServiceDomainRow {
  readonly agentId: string;
  readonly domain: string;
  readonly serviceId: string;
}

export const serviceDomainEntity = new EntitySchema<ServiceDomainRow>({
  name: 'service-domain',
  tableName: 'service_domains',
  columns: {
    agentId: { type: 'uuid', name: 'agent_id', primary: true },
    domain: { type: 'text', primary: true },
    serviceId: { type: 'uuid', name: 'service_id' },
  },
});
