import { queryRows, type DatabaseSession } from '../database-session.ts';
import type { RevokedBusKeyRow } from './revoked-bus-key.entity.ts';

/**
 * Gives an agent another bus key and revokes the one that it had. Another agent's key violates `agents_bus_public_key`.
 * @returns false when there is no such agent
 */
export async function replaceBusKey(tx: DatabaseSession, agentId: string, publicKey: string): Promise<boolean> {
  const [row] = await queryRows<{ previous: string | null }>(
    tx,
    `update agents set bus_public_key = $2 from (select id, bus_public_key from agents where id = $1 for update) as old
     where agents.id = old.id returning old.bus_public_key as previous`,
    [agentId, publicKey],
  );
  if (row === undefined) return false;
  if (row.previous !== null && row.previous !== publicKey) await revokeBusKey(tx, agentId, row.previous);
  return true;
}

/** Whether some agent had this key and lost it. */
export async function isBusKeyRevoked(db: DatabaseSession, publicKey: string): Promise<boolean> {
  const rows = await queryRows(db, 'select 1 as found from revoked_bus_keys where public_key = $1', [publicKey]);
  return rows.length > 0;
}

/** Notes that a key may not connect any more. The bus learns it by `revokeAgentUsers`. */
export async function revokeBusKey(tx: DatabaseSession, agentId: string, publicKey: string): Promise<void> {
  await tx.query(
    `insert into revoked_bus_keys (public_key, agent_id, revoked_at) values ($1, $2, now())
     on conflict (public_key) do nothing`,
    [publicKey, agentId],
  );
}

/** All keys that may not connect. */
export async function listRevokedBusKeys(db: DatabaseSession): Promise<RevokedBusKeyRow[]> {
  return queryRows(
    db,
    `select public_key as "publicKey", agent_id as "agentId", revoked_at as "revokedAt" from revoked_bus_keys
     order by revoked_at, public_key`,
  );
}

/** Held while the list is read and pushed, so that an older list never overwrites a newer one on the bus. */
export async function lockBusRevocations(tx: DatabaseSession): Promise<void> {
  await tx.query(`select pg_advisory_xact_lock(hashtext('flotilla.bus-revocations'))`);
}
