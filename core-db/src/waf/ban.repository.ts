import type { BanReason } from '@flotilla/contracts';
import { queryRows, type DatabaseSession } from '../database-session.ts';
import { storableJson } from '../storable-text.ts';
import { lockBanRevision, setBanRevision } from './ban-revision.repository.ts';

export interface NewBan {
  readonly id: string;
  readonly target: string;
  readonly agentId: string | null;
  readonly serviceId: string | null;
  readonly state: 'held' | 'active';
  readonly reason: BanReason;
  readonly ruleId: string | null;
  readonly decisionKey: string | null;
  readonly evidence: readonly string[];
  readonly offence: number;
  readonly createdAt: Date;
  readonly createdBy: string;
  readonly expiresAt: Date | null;
}

/**
 * Adds bans, each only where none is in force that refuses at least as much for at least as long, where nothing in it is allowed
 * or of the Core's or a node's own,
 * and whose service and node are still there.
 * @returns the ids of those that were added
 */
export async function insertBans(tx: DatabaseSession, bans: readonly NewBan[]): Promise<string[]> {
  if (bans.length === 0) return [];
  const before = await lockBanRevision(tx);
  const added: string[] = [];
  for (const ban of bans) {
    const rows = await queryRows<{ id: string }>(
      tx,
      `insert into bans (id, revision, target, agent_id, service_id, state, reason, rule_id, decision_key, evidence, offence,
         created_at, created_by, expires_at)
       select $1, $2, network($3::inet), $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14
       where ($4::uuid is null or exists (select 1 from agents where id = $4))
         and ($5::uuid is null or exists (select 1 from services where id = $5))
         and not exists (
           select 1 from allowed_networks
           where network && $3::inet and (expires_at is null or expires_at > $12)
         )
         and not exists (select 1 from core_networks where network && $3::inet)
         and not exists (
           select 1 from agents, jsonb_array_elements_text(seen_networks) as own where own::inet && $3::inet
         )
         and not exists (
           select 1 from bans where target >>= network($3::inet) and state = 'active' and $6 = 'active'
             and (expires_at is null or expires_at >= $14)
             and (agent_id is null or agent_id = $4) and (service_id is null or service_id = $5)
         )
       on conflict do nothing returning id`,
      [
        ban.id,
        before + added.length + 1,
        ban.target,
        ban.agentId,
        ban.serviceId,
        ban.state,
        storableJson(ban.reason),
        ban.ruleId,
        ban.decisionKey,
        storableJson(ban.evidence),
        ban.offence,
        ban.createdAt,
        ban.createdBy,
        ban.expiresAt,
      ],
    );
    added.push(...rows.map(({ id }) => id));
  }
  if (added.length > 0) await setBanRevision(tx, before + added.length);
  return added;
}

/** Which bans: one, a rule's, all, or those that refuse something within a network. */
export type BanChoice =
  | { readonly kind: 'one'; readonly id: string }
  | { readonly kind: 'rule'; readonly ruleId: string }
  | { readonly kind: 'within'; readonly network: string }
  | { readonly kind: 'all' };

export interface EndedBan {
  readonly id: string;
  readonly target: string;
}

/** Ends bans that are in force, or held. @returns which ones */
export async function liftBans(
  tx: DatabaseSession,
  choice: BanChoice,
  { at, by }: { readonly at: Date; readonly by: string },
): Promise<EndedBan[]> {
  const before = await lockBanRevision(tx);
  const [condition, value] = conditionOf(choice);
  const lifted = await queryRows<EndedBan>(
    tx,
    `update bans set state = 'lifted', revision = $1::bigint + chosen.number, ended_at = $2, ended_by = $3
     from (
       select id, row_number() over (order by id) as number from bans
       where state in ('held', 'active') and (expires_at is null or expires_at > $2) and ${condition}
     ) as chosen
     where bans.id = chosen.id returning bans.id, bans.target::text as target`,
    [before, at, by, ...value],
  );
  if (lifted.length > 0) await setBanRevision(tx, before + lifted.length);
  return lifted;
}

function conditionOf(choice: BanChoice): [condition: string, value: unknown[]] {
  switch (choice.kind) {
    case 'one':
      return ['id = $4', [choice.id]];
    case 'rule':
      return ['rule_id = $4', [choice.ruleId]];
    case 'within':
      return ['target && $4::inet', [choice.network]];
    case 'all':
      return ['true', []];
  }
}

/** Sets when a ban ends, and puts a held one in force. @returns whether there is one that has not ended */
export async function setBanExpiry(
  tx: DatabaseSession,
  { id, at, expiresAt }: { readonly id: string; readonly at: Date; readonly expiresAt: Date | null },
): Promise<boolean> {
  const before = await lockBanRevision(tx);
  const rows = await queryRows(
    tx,
    `update bans set state = 'active', revision = $1, expires_at = $4
     where id = $2 and state in ('held', 'active') and (expires_at is null or expires_at > $3) returning id`,
    [before + 1, id, at, expiresAt],
  );
  if (rows.length > 0) await setBanRevision(tx, before + 1);
  return rows.length > 0;
}

/** Of these ids the ones that bans have. */
export async function findKnownBans(db: DatabaseSession, ids: readonly string[]): Promise<ReadonlySet<string>> {
  const rows = await queryRows<{ id: string }>(db, 'select id from bans where id = any($1::uuid[])', [ids]);
  return new Set(rows.map(({ id }) => id));
}
