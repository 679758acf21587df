import { queryRows, type DatabaseSession } from '../database-session.ts';
import type { AllowedNetworkRow } from './allowed-network.entity.ts';
import { lockBanRevision, setBanRevision } from './ban-revision.repository.ts';

const COLUMNS = `id, network::text as network, comment, created_at as "createdAt", created_by as "createdBy",
  expires_at as "expiresAt"`;

/** All of them, in the order of their addresses, also those that have expired. */
export async function listAllowedNetworks(db: DatabaseSession): Promise<AllowedNetworkRow[]> {
  return queryRows(db, `select ${COLUMNS} from allowed_networks order by allowed_networks.network`);
}

/** Adds a network, or replaces what was said of it. */
export async function saveAllowedNetwork(tx: DatabaseSession, row: AllowedNetworkRow): Promise<AllowedNetworkRow> {
  await advanceAllowed(tx);
  const [saved] = await queryRows<AllowedNetworkRow>(
    tx,
    `insert into allowed_networks (id, network, comment, created_at, created_by, expires_at)
     values ($1, network($2::inet), $3, $4, $5, $6)
     on conflict (network) do update set comment = excluded.comment, expires_at = excluded.expires_at
     returning ${COLUMNS}`,
    [row.id, row.network, row.comment, row.createdAt, row.createdBy, row.expiresAt],
  );
  if (saved === undefined) throw new Error(`${row.network} was not saved`);
  return saved;
}

/** @returns what was there; null for nothing */
export async function deleteAllowedNetwork(tx: DatabaseSession, id: string): Promise<AllowedNetworkRow | null> {
  const [deleted] = await queryRows<AllowedNetworkRow>(
    tx,
    `delete from allowed_networks where id = $1 returning ${COLUMNS}`,
    [id],
  );
  if (deleted === undefined) return null;
  await advanceAllowed(tx);
  return deleted;
}

/** Nodes ask for the list anew. */
export async function advanceAllowed(tx: DatabaseSession): Promise<void> {
  const revision = (await lockBanRevision(tx)) + 1;
  await setBanRevision(tx, revision);
  await tx.query('update waf_state set allowed_revision = $1', [revision]);
}
