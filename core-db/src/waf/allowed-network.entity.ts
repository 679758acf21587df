import { EntitySchema } from 'typeorm';

export interface AllowedNetworkRow {
  readonly id: string;
  readonly network: string;
  readonly comment: string;
  readonly createdAt: Date;
  readonly createdBy: string;
  readonly expiresAt: Date | null;
}

export const allowedNetworkEntity = new EntitySchema<AllowedNetworkRow>({
  name: 'allowed_network',
  tableName: 'allowed_networks',
  columns: {
    id: { type: 'uuid', primary: true },
    network: { type: 'cidr', unique: true },
    comment: { type: 'text' },
    createdAt: { type: 'timestamptz', name: 'created_at' },
    createdBy: { type: 'text', name: 'created_by' },
    expiresAt: { type: 'timestamptz', name: 'expires_at', nullable: true },
  },
});
