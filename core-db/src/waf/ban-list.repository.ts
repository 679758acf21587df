import { queryRows, type DatabaseSession } from '../database-session.ts';
import { selectPage, type PageQuery, type SelectedPage } from '../paging/select-page.ts';
import type { BanRow } from './ban.entity.ts';

/** A ban as people see it. */
export interface BanRecord extends Omit<BanRow, 'revision' | 'decisionKey' | 'ruleId'> {
  readonly agentName: string | null;
  readonly serviceName: string | null;
  /** Nodes that it is for, and those of them whose nginx enforces it. */
  readonly nodes: number;
  readonly enforcing: number;
}

export interface BanFilters {
  readonly query: PageQuery;
  /** In force, held, or over: expired or lifted. */
  readonly state: 'active' | 'held' | 'over';
  readonly now: Date;
}

const CONDITIONS: Readonly<Record<BanFilters['state'], string>> = {
  active: "b.state = 'active' and (b.expires_at is null or b.expires_at > ?)",
  held: "b.state = 'held' and b.created_at <= ?",
  over: "(b.state = 'lifted' or (b.expires_at is not null and b.expires_at <= ?))",
};

const COLUMNS = `b.id, b.target::text as target, b.agent_id as "agentId", b.service_id as "serviceId", b.state, b.reason,
  b.evidence, b.offence, b.created_at as "createdAt", b.created_by as "createdBy", b.expires_at as "expiresAt",
  b.ended_at as "endedAt", b.ended_by as "endedBy", a.name as "agentName", s.name as "serviceName",
  (select count(*)::int from agents n where b.agent_id is null or n.id = b.agent_id) as nodes,
  (select count(*)::int from agents n where (b.agent_id is null or n.id = b.agent_id) and n.ban_revision >= b.revision)
    as enforcing`;
const FROM = 'bans b left join agents a on a.id = b.agent_id left join services s on s.id = b.service_id';

/** A ban of an operator's that is in force everywhere. */
export interface OperatorBan {
  readonly network: string;
  readonly comment: string;
  readonly createdAt: Date;
  readonly createdBy: string;
  readonly expiresAt: Date | null;
}

/** In the order of their addresses. */
export async function listOperatorBans(db: DatabaseSession, now: Date): Promise<OperatorBan[]> {
  return queryRows(
    db,
    `select target::text as network, reason->>'comment' as comment, created_at as "createdAt", created_by as "createdBy",
       expires_at as "expiresAt"
     from bans
     where state = 'active' and reason->>'by' = 'operator' and agent_id is null and service_id is null
       and (expires_at is null or expires_at > $1)
     order by bans.target limit 10000`,
    [now],
  );
}

export async function listBans(
  db: DatabaseSession,
  { query, state, now }: BanFilters,
): Promise<SelectedPage<BanRecord>> {
  return selectPage(db, {
    columns: COLUMNS,
    from: FROM,
    where: [[CONDITIONS[state], now]],
    searched: ['b.target::text', 'b.reason::text', 's.name', 'a.name', 'b.created_by'],
    sortable: { createdAt: 'b.created_at', expiresAt: "coalesce(b.expires_at, 'infinity')", target: 'b.target' },
    tieBreaker: 'b.id',
    query,
  });
}

export async function findBan(db: DatabaseSession, id: string): Promise<BanRecord | null> {
  const [found] = await queryRows<BanRecord>(db, `select ${COLUMNS} from ${FROM} where b.id = $1`, [id]);
  return found ?? null;
}
