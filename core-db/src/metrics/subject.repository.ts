import { queryRows, type DatabaseSession } from '../database-session.ts';
import { storableText } from '../storable-text.ts';
import { LAST_SEEN_LAG_MS } from './metric-subjects.ts';

/** As Docker shows ids. */
const SHORT_ID_LENGTH = 12;

/** A container or a series that is to be known by a number. */
export interface WantedSubject {
  readonly agentId: string;
  /** Docker's id of a container; of a series the number of its container, null for the host's. */
  readonly owner: string | number | null;
  /** Null for a container of which only the id is known yet. */
  readonly name: string | null;
  /** Times of its first and last sample in the batch. */
  readonly firstMs: number;
  readonly lastMs: number;
}

export interface SeenSubject {
  readonly ref: number;
  readonly name: string;
  readonly lastMs: number;
}

export interface StoredSubject {
  readonly ref: number;
  readonly agentId: string;
  readonly owner: string | number | null;
  readonly name: string;
  readonly lastSeenMs: number;
}

/** The two tables of subjects, by what differs. Their names and columns come from here only. */
const TABLES = {
  containers: { table: 'metric_containers', owner: 'docker_id', ownerType: 'text', key: 'agent_id, docker_id' },
  series: { table: 'metric_series', owner: 'container_ref', ownerType: 'int', key: 'agent_id, container_ref, name' },
} as const;

export type SubjectTable = keyof typeof TABLES;

const COLUMNS = `id as ref, agent_id as "agentId", name, extract(epoch from last_seen_at)::float8 * 1000 as "lastSeenMs"`;

/** Those of the wanted subjects that are there, and perhaps some that are not wanted. */
export async function findSubjects(
  db: DatabaseSession,
  which: SubjectTable,
  wanted: readonly WantedSubject[],
): Promise<StoredSubject[]> {
  const { table, owner } = TABLES[which];
  const column = which === 'containers' ? owner : 'name';
  const values = wanted.map((subject) => (which === 'containers' ? subject.owner : subject.name));
  return queryRows(
    db,
    `select ${COLUMNS}, ${owner} as owner from ${table}
     where agent_id = any($1::uuid[]) and ${column} = any($2::text[])`,
    [[...new Set(wanted.map(({ agentId }) => agentId))], [...new Set(values)]],
  );
}

/**
 * Adds subjects, in the order of their keys, so that two writers never wait for each other. Those of an agent that is being
 * removed are left out; those that another writer has added meanwhile are found.
 */
export async function insertSubjects(
  tx: DatabaseSession,
  which: SubjectTable,
  wanted: readonly WantedSubject[],
): Promise<StoredSubject[]> {
  const { table, owner, ownerType, key } = TABLES[which];
  return queryRows(
    tx,
    `insert into ${table} (agent_id, ${owner}, name, first_seen_at, last_seen_at)
     select w.agent_id, w.owner, w.name, to_timestamp(w.first_ms / 1000), to_timestamp(w.last_ms / 1000)
     from unnest($1::uuid[], $2::${ownerType}[], $3::text[], $4::float8[], $5::float8[])
       as w (agent_id, owner, name, first_ms, last_ms)
     join agents a on a.id = w.agent_id
     order by w.agent_id, w.owner, w.name for key share of a
     on conflict (${key}) do update set last_seen_at = greatest(${table}.last_seen_at, excluded.last_seen_at)
     returning ${COLUMNS}, ${owner} as owner`,
    [
      wanted.map(({ agentId }) => agentId),
      wanted.map((subject) => subject.owner),
      wanted.map((subject) => storableText(subject.name ?? String(subject.owner).slice(0, SHORT_ID_LENGTH))),
      wanted.map(({ firstMs }) => firstMs),
      wanted.map(({ lastMs }) => lastMs),
    ],
  );
}

/** Writes that subjects were seen, under which name; in the order of their numbers. */
export async function updateSubjects(
  tx: DatabaseSession,
  which: SubjectTable,
  seen: readonly SeenSubject[],
): Promise<void> {
  const { table } = TABLES[which];
  await tx.query(
    `update ${table} set last_seen_at = greatest(${table}.last_seen_at, w.at), name = w.name
     from (
       select t.id, to_timestamp(s.last_ms / 1000) as at, s.name from ${table} t
       join unnest($1::int[], $2::float8[], $3::text[]) as s (id, last_ms, name) on s.id = t.id
       order by t.id for no key update of t
     ) as w where ${table}.id = w.id`,
    [seen.map(({ ref }) => ref), seen.map(({ lastMs }) => lastMs), seen.map(({ name }) => name)],
  );
}

/** Forgets containers and series whose last rollup is past its retention; of a container also its series. */
export async function deleteOldSubjects(tx: DatabaseSession, keepMs: number): Promise<void> {
  for (const { table } of [TABLES.series, TABLES.containers]) {
    await tx.query(`delete from ${table} where last_seen_at < now() - $1 * interval '1 millisecond'`, [
      keepMs + LAST_SEEN_LAG_MS,
    ]);
  }
}
