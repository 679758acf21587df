import { queryRows, type DatabaseSession } from '../database-session.ts';
import { advanceAllowed } from './allowed-network.repository.ts';

/** A node behind several lines changes between few addresses; of more it keeps the newest. */
const MAX_SEEN_NETWORKS = 4;
/** What no process of the Core has said for so long is somebody else's by now. */
const CORE_FORGETS_AFTER = '7 days';

/** Notes where a node's heartbeats come from: nobody bans it from now on. */
export async function addSeenNetwork(tx: DatabaseSession, agentId: string, network: string): Promise<void> {
  const rows = await queryRows(
    tx,
    `update agents set seen_networks = (
       select jsonb_agg(entry order by number) from (
         select to_jsonb($2::text) as entry, 0 as number
         union all select entry, number from jsonb_array_elements(seen_networks) with ordinality as known (entry, number)
         order by number limit $3
       ) as newest)
     where id = $1 and not seen_networks ? $2 returning id`,
    [agentId, network, MAX_SEEN_NETWORKS],
  );
  if (rows.length > 0) await advanceAllowed(tx);
}

/** Notes the addresses of a host that the Core runs on. */
export async function noteCoreNetworks(
  tx: DatabaseSession,
  { networks, process }: { readonly networks: readonly string[]; readonly process: string },
): Promise<void> {
  const added = await queryRows<{ isNew: boolean }>(
    tx,
    `insert into core_networks (network, process, seen_at) select given, $2, now() from unnest($1::cidr[]) as given
     on conflict (network) do update set process = excluded.process, seen_at = excluded.seen_at
     returning xmax = 0 as "isNew"`,
    [networks, process],
  );
  const forgotten = await queryRows(
    tx,
    `delete from core_networks where seen_at < now() - interval '${CORE_FORGETS_AFTER}' returning network`,
  );
  if (forgotten.length > 0 || added.some(({ isNew }) => isNew)) await advanceAllowed(tx);
}

/** A network that is never banned without anybody having said so. */
export interface OwnNetwork {
  readonly network: string;
  readonly kind: 'agent' | 'core' | 'proxy';
  /** Of the node, of the Core's process, or of the service that trusts the proxy. */
  readonly name: string;
}

export async function listOwnNetworks(db: DatabaseSession): Promise<OwnNetwork[]> {
  return queryRows(
    db,
    `select network::text as network, 'core' as kind, process as name from core_networks
     union
     select jsonb_array_elements_text(seen_networks), 'agent', name from agents
     union
     select jsonb_array_elements_text(settings->'trustedProxies'), 'proxy', name from services
       where jsonb_array_length(coalesce(settings->'trustedProxies', '[]')) > 0
     order by kind, name, network`,
  );
}
