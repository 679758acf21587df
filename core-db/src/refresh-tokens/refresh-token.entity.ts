import { EntitySchema } from 'typeorm';

export interface RefreshTokenRow {
  readonly id: string;
  /** The same for all tokens of one session. */
  readonly familyId: string;
  readonly userId: string;
  /** SHA-256 in hex. */
  readonly tokenHash: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  /** When it was exchanged for a successor. */
  readonly usedAt: Date | null;
  readonly revokedAt: Date | null;
}

export const refreshTokenEntity = new EntitySchema<RefreshTokenRow>({
  name: 'refresh-token',
  tableName: 'refresh_tokens',
  columns: {
    id: { type: 'uuid', primary: true },
    familyId: { type: 'uuid', name: 'family_id' },
    userId: { type: 'uuid', name: 'user_id' },
    tokenHash: { type: 'text', name: 'token_hash', unique: true },
    createdAt: { type: 'timestamptz', name: 'created_at' },
    expiresAt: { type: 'timestamptz', name: 'expires_at' },
    usedAt: { type: 'timestamptz', name: 'used_at', nullable: true },
    revokedAt: { type: 'timestamptz', name: 'revoked_at', nullable: true },
  },
});
