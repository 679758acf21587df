import { MAX_ALLOWED_NETWORKS, MAX_BANS_PER_UPDATE, type BansUpdate } from '@flotilla/contracts';
import { queryRows, type DatabaseSession } from '../database-session.ts';
import { readBanRevisions } from './ban-revision.repository.ts';

interface ChangedBan {
  readonly id: string;
  readonly revision: string;
  readonly target: string;
  readonly serviceId: string | null;
  readonly expiresAt: Date | null;
  readonly isInForce: boolean;
}

/**
 * What a node has to know that has the bans of a revision; null when it knows all.
 * @param known null for a node that has none
 */
export async function readBansUpdate(
  db: DatabaseSession,
  { agentId, known, now }: { readonly agentId: string; readonly known: number | null; readonly now: Date },
): Promise<BansUpdate | null> {
  const revisions = await readBanRevisions(db);
  if (known === revisions.current) return null;
  // Of a Core that was restored from an older copy a node may know more than it does.
  const isFresh = known === null || known > revisions.current;
  const since = isFresh ? 0 : known;
  const changes = await readChanges(db, { agentId, since, isFresh, now });
  const hasMore = changes.length > MAX_BANS_PER_UPDATE;
  const told = changes.slice(0, MAX_BANS_PER_UPDATE);
  const last = told.at(-1);
  return {
    revision: hasMore && last !== undefined ? Number(last.revision) : revisions.current,
    isFresh,
    bans: told
      .filter(({ isInForce }) => isInForce)
      .map(({ id, target, serviceId, expiresAt }) => ({
        id,
        target,
        serviceId,
        expiresAt: expiresAt?.toISOString() ?? null,
      })),
    lifted: told.filter(({ isInForce }) => !isInForce).map(({ id }) => id),
    allowed: isFresh || known < revisions.allowed ? await readAllowed(db, now) : null,
    hasMore,
  };
}

function readChanges(
  db: DatabaseSession,
  { agentId, since, isFresh, now }: { agentId: string; since: number; isFresh: boolean; now: Date },
): Promise<ChangedBan[]> {
  // Of what has expired a node needs no word: it ends that itself.
  return queryRows(
    db,
    `select id, revision, target::text as target, service_id as "serviceId", expires_at as "expiresAt",
       state = 'active' as "isInForce"
     from bans
     where revision > $1 and (agent_id is null or agent_id = $2) and (expires_at is null or expires_at > $3)
       and (state = 'active' or not $4)
     order by revision limit $5`,
    [since, agentId, now, isFresh, MAX_BANS_PER_UPDATE + 1],
  );
}

async function readAllowed(db: DatabaseSession, now: Date): Promise<NonNullable<BansUpdate['allowed']>> {
  const rows = await queryRows<{ network: string; expiresAt: Date | null }>(
    db,
    `select network::text as network, expires_at as "expiresAt" from (
       select network, expires_at, 1 as rank from allowed_networks where expires_at is null or expires_at > $1
       union all select network, null, 0 from core_networks
       union all select distinct jsonb_array_elements_text(seen_networks)::cidr, null::timestamptz, 0 from agents
     ) as spared order by rank, spared.network limit $2`,
    [now, MAX_ALLOWED_NETWORKS],
  );
  return rows.map(({ network, expiresAt }) => ({ network, expiresAt: expiresAt?.toISOString() ?? null }));
}
