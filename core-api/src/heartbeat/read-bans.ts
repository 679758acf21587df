import type { BansUpdate, HeartbeatRequest } from '@flotilla/contracts';
import { findKnownBans, readBansUpdate, type DatabaseSession, type HeartbeatAgent } from '@flotilla/core-db';

/**
 * What a node has to know of bans; null when it knows all. Bans of its limiter that were not taken over (something wider is in
 * force already, or the client is allowed) are named as lifted.
 */
export async function readBansOf(
  database: DatabaseSession,
  { id: agentId, banRevision }: Pick<HeartbeatAgent, 'id' | 'banRevision'>,
  { bans: report }: HeartbeatRequest,
  now: Date,
): Promise<BansUpdate | null> {
  // A version that knows no bans says nothing of them.
  if (report === undefined) return null;
  const { revision, limiterBans } = report;
  if (revision === banRevision && limiterBans.length === 0) return null;
  const update = await readBansUpdate(database, { agentId, known: revision, now });
  const refused = await listRefused(database, limiterBans);
  if (refused.length === 0) return update;
  const nothingElse = { revision: revision ?? 0, isFresh: false, bans: [], lifted: [], allowed: null, hasMore: false };
  const { lifted, ...rest } = update ?? nothingElse;
  return { ...rest, lifted: [...lifted, ...refused] };
}

async function listRefused(database: DatabaseSession, bans: readonly { readonly id: string }[]): Promise<string[]> {
  if (bans.length === 0) return [];
  const ids = bans.map(({ id }) => id);
  const known = await findKnownBans(database, ids);
  return ids.filter((id) => !known.has(id));
}
