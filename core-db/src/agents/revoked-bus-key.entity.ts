import { EntitySchema } from 'typeorm';

/** Outlives its agent: the bus account's revocation list is made from these. */
export interface RevokedBusKeyRow {
  readonly publicKey: string;
  readonly agentId: string;
  readonly revokedAt: Date;
}

export const revokedBusKeyEntity = new EntitySchema<RevokedBusKeyRow>({
  name: 'revoked-bus-key',
  tableName: 'revoked_bus_keys',
  columns: {
    publicKey: { type: 'text', name: 'public_key', primary: true },
    agentId: { type: 'uuid', name: 'agent_id' },
    revokedAt: { type: 'timestamptz', name: 'revoked_at' },
  },
});
