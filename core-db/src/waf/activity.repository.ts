import { queryRows, type DatabaseSession } from '../database-session.ts';

/** A client and what nodes told of it; texts are as strangers wrote them. */
export interface OffenderRow {
  readonly client: string;
  readonly country: string | null;
  readonly requests: number;
  /** Suspicious requests by class; a request has one or more. */
  readonly classes: Readonly<Record<string, number>>;
  readonly services: readonly string[];
  readonly nodes: readonly string[];
  readonly firstAt: Date;
  readonly lastAt: Date;
  readonly samples: readonly string[];
  readonly isBanned: boolean;
}

/** Suspicious requests from one country. */
export interface SuspectCountryRow {
  readonly country: string;
  readonly clients: number;
  readonly requests: number;
}

/** Requests of one client that are alike. */
export interface RecentSuspectRow {
  readonly at: Date;
  readonly client: string;
  readonly classes: readonly string[];
  readonly method: string | null;
  readonly path: string | null;
  readonly status: number | null;
  readonly count: number;
  readonly serviceName: string | null;
  readonly nodeName: string | null;
}

const SUSPECTS = `
  suspects as materialized (
    select e.agent_id, e.stored_at, s.value as suspect, s.value->>'client' as client,
      s.value->>'country' as country
    from waf_evidence e cross join lateral jsonb_array_elements(e.message->'suspects') as s
    where e.stored_at >= $1
  ),
  entries as materialized (
    select client, country, agent_id, x.value->>'serviceId' as service_id, x.value->'classes' as classes,
      (x.value->>'count')::bigint as count, (x.value->>'firstAt')::float8 as first_ms, (x.value->>'lastAt')::float8 as last_ms
    from suspects cross join lateral jsonb_array_elements(suspect->'entries') as x
  )`;

/** Clients by how many suspicious requests of theirs nodes have told of since a time, the most first. */
export async function listOffenders(db: DatabaseSession, since: Date, limit: number): Promise<OffenderRow[]> {
  return queryRows(
    db,
    `with ${SUSPECTS},
     worst as (
       select client, max(country) as country, sum(count)::float8 as requests, min(first_ms) as first_ms, max(last_ms) as last_ms,
         array_agg(distinct service_id) as service_ids, array_agg(distinct agent_id) as agent_ids
       from entries group by client order by 2 desc, client limit $2
     ),
     by_class as (
       select client, jsonb_object_agg(class, requests) as classes from (
         select e.client, c.class, sum(e.count)::float8 as requests
         from entries e join worst using (client) cross join lateral jsonb_array_elements_text(e.classes) as c (class)
         group by e.client, c.class
       ) as one group by client
     ),
     samples as (
       select distinct on (s.client) s.client, s.suspect->'samples' as samples
       from suspects s join worst using (client)
       where jsonb_array_length(s.suspect->'samples') > 0 order by s.client, s.stored_at desc
     )
     select w.client, w.country, w.requests, coalesce(b.classes, '{}') as classes,
       array(select name from services where id::text = any(w.service_ids) order by name) as services,
       array(select name from agents where id = any(w.agent_ids) order by name) as nodes,
       to_timestamp(w.first_ms / 1000) as "firstAt", to_timestamp(w.last_ms / 1000) as "lastAt",
       coalesce(s.samples, '[]') as samples,
       exists (select 1 from bans where state = 'active' and (expires_at is null or expires_at > now())
         and target >>= w.client::inet) as "isBanned"
     from worst w left join by_class b using (client) left join samples s using (client)
     order by w.requests desc, w.client`,
    [since, limit],
  );
}

/** Countries by how many suspicious requests came from them, the most first; without clients whose country nobody knows. */
export async function listSuspectCountries(
  db: DatabaseSession,
  since: Date,
  limit: number,
): Promise<SuspectCountryRow[]> {
  return queryRows(
    db,
    `with ${SUSPECTS}
     select country, count(distinct client)::int as clients, sum(count)::float8 as requests
     from entries where country is not null group by country order by 3 desc, 1 limit $2`,
    [since, limit],
  );
}

/** What nodes have told of last, the newest first. */
export async function listRecentSuspects(db: DatabaseSession, since: Date, limit: number): Promise<RecentSuspectRow[]> {
  return queryRows(
    db,
    `select to_timestamp((x.value->>'lastAt')::float8 / 1000) as at, s.value->>'client' as client,
       x.value->'classes' as classes, x.value->>'method' as method, x.value->>'path' as path,
       (x.value->>'status')::int as status, (x.value->>'count')::float8 as count,
       v.name as "serviceName", a.name as "nodeName"
     from (select agent_id, message from waf_evidence where stored_at >= $1 order by stored_at desc limit $2) as e
     cross join lateral jsonb_array_elements(e.message->'suspects') as s
     cross join lateral jsonb_array_elements(s.value->'entries') as x
     left join services v on v.id::text = x.value->>'serviceId' left join agents a on a.id = e.agent_id
     order by at desc, client, path limit $2`,
    [since, limit],
  );
}
