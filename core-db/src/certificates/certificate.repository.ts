import { queryRows, type DatabaseSession } from '../database-session.ts';
import { storableText } from '../storable-text.ts';
import type { CertificateRow } from './certificate.entity.ts';

/** A certificate without its key. */
export type CertificateRecord = Omit<CertificateRow, 'sealed'>;
export type SavedCertificate = Omit<CertificateRow, 'createdAt'>;

/** A service that asks for one of the Core's certificates. */
export interface CertificateService {
  readonly id: string;
  readonly name: string;
  readonly domains: readonly string[];
  /** The one that it names; null for the best. */
  readonly certificateId: string | null;
  readonly agentIds: readonly string[];
}

const RECORD = `id, source, hash, names, issuer, serial_number as "serialNumber", fingerprint, key_type as "keyType",
  is_self_signed as "isSelfSigned", not_before as "notBefore", not_after as "notAfter", created_at as "createdAt",
  updated_at as "updatedAt", updated_by as "updatedBy"`;

/** All of them, the one that expires first first. */
export async function listCertificates(db: DatabaseSession): Promise<CertificateRecord[]> {
  return queryRows(db, `select ${RECORD} from certificates order by not_after, id`);
}

export async function findCertificate(db: DatabaseSession, id: string): Promise<CertificateRecord | null> {
  const [row] = await queryRows<CertificateRecord>(db, `select ${RECORD} from certificates where id = $1`, [id]);
  return row ?? null;
}

/** Certificate, chain and key, sealed; null when there is none of that hash. */
export async function findSealedCertificate(db: DatabaseSession, hash: string): Promise<string | null> {
  const [row] = await queryRows<{ sealed: string }>(db, 'select sealed from certificates where hash = $1', [hash]);
  return row?.sealed ?? null;
}

/** Adds a certificate, or puts a newer one in its place. @returns null when another one has that content */
export async function saveCertificate(tx: DatabaseSession, saved: SavedCertificate): Promise<CertificateRecord | null> {
  const taken = await queryRows(tx, 'select from certificates where hash = $1 and id <> $2', [saved.hash, saved.id]);
  if (taken.length > 0) return null;
  const [row] = await queryRows<CertificateRecord>(
    tx,
    `insert into certificates (id, source, hash, sealed, names, issuer, serial_number, fingerprint, key_type,
       is_self_signed, not_before, not_after, created_at, updated_at, updated_by)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13, $14)
     on conflict (id) do update set source = $2, hash = $3, sealed = $4, names = $5, issuer = $6, serial_number = $7,
       fingerprint = $8, key_type = $9, is_self_signed = $10, not_before = $11, not_after = $12, updated_at = $13,
       updated_by = $14
     returning ${RECORD}`,
    [
      saved.id,
      saved.source,
      saved.hash,
      saved.sealed,
      JSON.stringify(saved.names),
      storableText(saved.issuer),
      saved.serialNumber,
      saved.fingerprint,
      saved.keyType,
      saved.isSelfSigned,
      saved.notBefore,
      saved.notAfter,
      saved.updatedAt,
      saved.updatedBy,
    ],
  );
  return row ?? null;
}

export async function deleteCertificate(tx: DatabaseSession, id: string): Promise<void> {
  await tx.query('delete from certificates where id = $1', [id]);
}

/** Services that are served with certificates of the Core's, by name; those of one node, or all. */
export async function listCertificateServices(
  db: DatabaseSession,
  agentId: string | null = null,
): Promise<CertificateService[]> {
  return queryRows(
    db,
    `select s.id, s.name, s.settings->'domains' as domains, s.settings->'tls'->>'certificateId' as "certificateId",
       array(select n.agent_id from service_nodes n where n.service_id = s.id order by 1) as "agentIds"
     from services s
     where s.settings->'tls'->>'mode' = 'certificate'
       and ($1::uuid is null or exists (select from service_nodes n where n.service_id = s.id and n.agent_id = $1))
     order by s.name, s.id`,
    [agentId],
  );
}
