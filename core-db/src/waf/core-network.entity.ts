import { EntitySchema } from 'typeorm';

/** An address of a host that the Core runs on. */
export interface CoreNetworkRow {
  readonly network: string;
  /** Which process said so. */
  readonly process: string;
  readonly seenAt: Date;
}

export const coreNetworkEntity = new EntitySchema<CoreNetworkRow>({
  name: 'core_network',
  tableName: 'core_networks',
  columns: {
    network: { type: 'cidr', primary: true },
    process: { type: 'text' },
    seenAt: { type: 'timestamptz', name: 'seen_at' },
  },
});
