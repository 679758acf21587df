import { queryRows, type DatabaseSession } from '../database-session.ts';
import type { BanRow } from './ban.entity.ts';

/** What whoever decides on bans has to know of one that is there. */
export interface KnownBan extends Pick<
  BanRow,
  'id' | 'target' | 'agentId' | 'serviceId' | 'state' | 'ruleId' | 'offence' | 'createdAt' | 'expiresAt' | 'endedAt'
> {
  readonly revision: number;
  readonly isNarrowed: boolean;
}

/**
 * Bans that changed after a revision, in the order of their changes.
 * @param createdSince of those that have ended none is told that is older
 */
export async function listKnownBans(
  db: DatabaseSession,
  { revision, createdSince }: { readonly revision: number; readonly createdSince: Date },
): Promise<KnownBan[]> {
  return queryRows(
    db,
    `select id, revision::float8 as revision, target::text as target, agent_id as "agentId", service_id as "serviceId", state,
       rule_id as "ruleId", offence, created_at as "createdAt", expires_at as "expiresAt", ended_at as "endedAt",
       coalesce((reason->>'isNarrowed')::boolean, false) as "isNarrowed"
     from bans
     where revision > $1 and (created_at >= $2 or (state = 'active' and (expires_at is null or expires_at > now())))
     order by revision`,
    [revision, createdSince],
  );
}

/** Networks that must not be banned: those on the list, the Core's and the nodes' own, and the proxies that services trust. */
export async function listExemptNetworks(db: DatabaseSession): Promise<{ network: string; why: string }[]> {
  return queryRows(
    db,
    `select network::text as network, 'on the list of networks that are never banned' as why from allowed_networks
       where expires_at is null or expires_at > now()
     union
     select network::text, 'an address of the Core itself' from core_networks
     union
     select jsonb_array_elements_text(seen_networks), 'an address of the node ' || name from agents
     union
     select jsonb_array_elements_text(settings->'trustedProxies'), 'a proxy that a service trusts' from services
       where jsonb_array_length(coalesce(settings->'trustedProxies', '[]')) > 0`,
  );
}
