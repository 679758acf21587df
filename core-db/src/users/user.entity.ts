import type { Role } from '@flotilla/contracts';
import { EntitySchema } from 'typeorm';

export interface UserRow {
  readonly id: string;
  /** In lower case. */
  readonly email: string;
  /** Argon2id, in PHC form. */
  readonly passwordHash: string;
  readonly role: Role;
  readonly mustChangePassword: boolean;
  readonly createdAt: Date;
  readonly lastLoginAt: Date | null;
  readonly tokenVersion: number;
}

export const userEntity = new EntitySchema<UserRow>({
  name: 'user',
  tableName: 'users',
  columns: {
    id: { type: 'uuid', primary: true },
    email: { type: 'text', unique: true },
    passwordHash: { type: 'text', name: 'password_hash' },
    role: { type: 'text' },
    mustChangePassword: { type: 'boolean', name: 'must_change_password' },
    createdAt: { type: 'timestamptz', name: 'created_at' },
    lastLoginAt: { type: 'timestamptz', name: 'last_login_at', nullable: true },
    tokenVersion: { type: 'int', name: 'token_version' },
  },
});
