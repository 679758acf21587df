import { EntitySchema } from 'typeorm';

export interface CertificateRow {
  readonly id: string;
  readonly source: 'uploaded' | 'self_signed';
  /** SHA-256 of certificate, chain and key, in hex. */
  readonly hash: string;
  /** Certificate, chain and key, sealed. */
  readonly sealed: string;
  readonly names: readonly string[];
  readonly issuer: string;
  readonly serialNumber: string;
  readonly fingerprint: string;
  readonly keyType: string;
  readonly isSelfSigned: boolean;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly updatedBy: string;
}

export const certificateEntity = new EntitySchema<CertificateRow>({
  name: 'certificate',
  tableName: 'certificates',
  columns: {
    id: { type: 'uuid', primary: true },
    source: { type: 'text' },
    hash: { type: 'text', unique: true },
    sealed: { type: 'text' },
    names: { type: 'jsonb' },
    issuer: { type: 'text' },
    serialNumber: { type: 'text', name: 'serial_number' },
    fingerprint: { type: 'text' },
    keyType: { type: 'text', name: 'key_type' },
    isSelfSigned: { type: 'boolean', name: 'is_self_signed' },
    notBefore: { type: 'timestamptz', name: 'not_before' },
    notAfter: { type: 'timestamptz', name: 'not_after' },
    createdAt: { type: 'timestamptz', name: 'created_at' },
    updatedAt: { type: 'timestamptz', name: 'updated_at' },
    updatedBy: { type: 'text', name: 'updated_by' },
  },
});
