import type { Site } from '@flotilla/contracts';
import { EntitySchema } from 'typeorm';

/** A service's settings as they are stored: passwords hashed, as the agent gets them. How many replicas it has now stands apart. */
export type StoredServiceSettings = Omit<
  Site,
  'serviceId' | 'serviceRevision' | 'scaleRevision' | 'certificateHash' | 'errorPageHashes' | 'name'
>;

export interface ServiceRow {
  readonly id: string;
  readonly name: string;
  readonly revision: number;
  readonly settings: StoredServiceSettings;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly updatedBy: string;
}

export const serviceEntity = new EntitySchema<ServiceRow>({
  name: 'service',
  tableName: 'services',
  columns: {
    id: { type: 'uuid', primary: true },
    name: { type: 'text' },
    revision: { type: 'int' },
    settings: { type: 'jsonb' },
    createdAt: { type: 'timestamptz', name: 'created_at' },
    updatedAt: { type: 'timestamptz', name: 'updated_at' },
    updatedBy: { type: 'text', name: 'updated_by' },
  },
});
