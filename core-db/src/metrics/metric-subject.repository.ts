import { queryRows, type DatabaseSession } from '../database-session.ts';

/** A container with all the numbers that its figures are stored under. */
export interface FoundContainer {
  readonly agentId: string;
  /** Docker's id; of several containers that had the name over time, the newest one's. */
  readonly id: string;
  readonly name: string;
  readonly refs: readonly number[];
}

/** A series by name, of one container name or of the host. */
export interface FoundSeries {
  readonly agentId: string;
  readonly name: string;
  readonly containerId: string | null;
  readonly containerName: string | null;
  readonly refs: readonly number[];
}

/** A series as a list shows it. */
export interface ListedSeries {
  readonly name: string;
  readonly containerId: string | null;
  readonly containerName: string | null;
  /** May be as much as ten minutes behind the newest value. */
  readonly lastSeenAt: Date;
}

const ID_PREFIX = /^[0-9a-f]{12,64}$/;
/** `$3` is null, or the ids and names of the only containers that are wanted. */
const OF_CONTAINERS = `($3::text[] is null or c.docker_id = any($3) or c.name = any($3))`;

/**
 * Containers by id (or its first 12 and more digits) or name, in the order of the names; what is not known is left out. An
 * id is one container. A name is what an operator calls one, however often it was made anew: its line goes on.
 */
export async function findContainers(
  db: DatabaseSession,
  agentId: string,
  idsOrNames: readonly string[],
): Promise<FoundContainer[]> {
  const prefixes = idsOrNames.filter((text) => ID_PREFIX.test(text));
  const rows = await queryRows<{ ref: number; id: string; name: string }>(
    db,
    `select id as ref, docker_id as id, name from metric_containers
     where agent_id = $1 and (name = any($2::text[])
       or exists (select 1 from unnest($3::text[]) as p (prefix) where starts_with(docker_id, p.prefix)))
     order by first_seen_at desc, id desc`,
    [agentId, idsOrNames.filter((text) => !text.includes('\0')), prefixes],
  );
  return idsOrNames.flatMap((asked) => {
    const byId = rows.find(({ id }) => ID_PREFIX.test(asked) && id.startsWith(asked));
    const found = byId === undefined ? rows.filter(({ name }) => name === asked) : [byId];
    const [newest] = found;
    return newest === undefined
      ? []
      : [{ agentId, id: newest.id, name: newest.name, refs: found.map(({ ref }) => ref) }];
  });
}

/**
 * Series by their names, a line for each container name that has one.
 * @param containers ids or names; only of these
 * @param limit most lines
 */
export async function findSeries(
  db: DatabaseSession,
  agentId: string,
  names: readonly string[],
  { containers, limit }: { readonly containers?: readonly string[] | undefined; readonly limit: number },
): Promise<FoundSeries[]> {
  const rows = await queryRows<{
    name: string;
    containerName: string | null;
    containerId: string | null;
    refs: number[];
  }>(
    db,
    `select s.name, c.name as "containerName",
       (array_agg(c.docker_id order by c.first_seen_at desc, c.id desc))[1] as "containerId", array_agg(s.id) as refs
     from metric_series s left join metric_containers c on c.id = s.container_ref
     where s.agent_id = $1 and s.name = any($2::text[]) and ${OF_CONTAINERS}
     group by s.name, c.name order by array_position($2::text[], s.name), c.name limit $4`,
    [agentId, names, withoutNul(containers), limit],
  );
  return rows.map((row) => ({ agentId, ...row }));
}

/**
 * Names of an agent's series, and how many there are in all.
 * @param prefix only names that begin so
 * @param containers ids or names; only of these
 */
export async function listSeriesNames(
  db: DatabaseSession,
  agentId: string,
  {
    prefix = '',
    containers,
    limit,
  }: {
    readonly prefix?: string | undefined;
    readonly containers?: readonly string[] | undefined;
    readonly limit: number;
  },
): Promise<{ readonly items: ListedSeries[]; readonly total: number }> {
  const rows = await queryRows<ListedSeries & { total: number }>(
    db,
    `select s.name, c.name as "containerName",
       (array_agg(c.docker_id order by c.first_seen_at desc, c.id desc))[1] as "containerId",
       max(s.last_seen_at) as "lastSeenAt", count(*) over ()::int as total
     from metric_series s left join metric_containers c on c.id = s.container_ref
     where s.agent_id = $1 and starts_with(s.name, $2) and ${OF_CONTAINERS}
     group by s.name, c.name order by s.name, c.name limit $4`,
    [agentId, prefix.replaceAll('\0', ''), withoutNul(containers), limit],
  );
  return { items: rows.map(({ total: _total, ...item }) => item), total: rows[0]?.total ?? 0 };
}

/** PostgreSQL's texts have no NUL, so no name has one either. */
function withoutNul(names: readonly string[] | undefined): readonly string[] | null {
  return names?.filter((name) => !name.includes('\0')) ?? null;
}
