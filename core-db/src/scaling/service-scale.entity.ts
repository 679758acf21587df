import type { ScalingPolicy } from '@flotilla/contracts';
import { EntitySchema } from 'typeorm';

/** How the number of a service's replicas comes about. It stays, without nodes, when the service has no replicas any more. */
export interface ServiceScaleRow {
  readonly serviceId: string;
  /** Of the bus, by the service's id. */
  readonly busPartition: number;
  /** Grows by one at each change of the number, and is never used again: nodes obey the highest that they have heard. */
  readonly scaleRevision: number;
  /** Null: the number is set by hand. */
  readonly policy: ScalingPolicy | null;
  /** Grows by one at each change of the policy, also when it is removed. */
  readonly policyRevision: number;
  readonly policyUpdatedAt: Date | null;
  /** The transaction that changed any of it last: what changed since is found by it. int8, which pg gives as text. */
  readonly changedXid: string;
}

export const serviceScaleEntity = new EntitySchema<ServiceScaleRow>({
  name: 'service_scale',
  tableName: 'service_scales',
  columns: {
    serviceId: { type: 'uuid', name: 'service_id', primary: true },
    busPartition: { type: 'int', name: 'bus_partition' },
    scaleRevision: { type: 'int', name: 'scale_revision' },
    policy: { type: 'jsonb', nullable: true },
    policyRevision: { type: 'int', name: 'policy_revision' },
    policyUpdatedAt: { type: 'timestamptz', name: 'policy_updated_at', nullable: true },
    changedXid: { type: 'bigint', name: 'changed_xid' },
  },
});
