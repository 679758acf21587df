import { partitionOf } from '@flotilla/contracts';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const TABLES = `
create table service_scales (
  service_id uuid primary key references services (id) on delete cascade,
  bus_partition int not null,
  scale_revision int not null default 0,
  policy jsonb,
  policy_revision int not null default 0,
  policy_updated_at timestamptz,
  changed_xid bigint not null
);
create table service_scale_nodes (
  service_id uuid not null references service_scales (service_id) on delete cascade,
  agent_id uuid not null references agents (id) on delete cascade,
  count int not null check (count >= 0),
  primary key (service_id, agent_id)
);
create table scaling_decisions (
  id uuid primary key,
  service_id uuid not null references services (id) on delete cascade,
  scale_revision int not null,
  at timestamptz not null,
  outcome text not null check (outcome in ('scaled', 'held', 'dry_run', 'manual')),
  from_count int not null,
  to_count int not null,
  wanted int,
  ready int,
  decisive_target int,
  targets jsonb not null,
  limits jsonb not null,
  decided_by text
);
create table scaling_points (
  service_id uuid not null references services (id) on delete cascade,
  at timestamptz not null,
  wanted int not null,
  ready int,
  targets jsonb not null,
  active_schedule text,
  primary key (service_id, at)
);
`;

/** The last two make one action of one revision, and one row of what was told at one time, whoever writes it. */
const INDEXES = `
create index service_scales_changed on service_scales (bus_partition, changed_xid);
create index service_scale_nodes_agent on service_scale_nodes (agent_id);
create index scaling_decisions_service on scaling_decisions (service_id, at desc, id);
create index scaling_decisions_age on scaling_decisions (at);
create index scaling_points_age on scaling_points (at);
create unique index scaling_decisions_action on scaling_decisions (service_id, scale_revision)
  where outcome in ('scaled', 'manual');
create unique index scaling_decisions_told on scaling_decisions (service_id, at, outcome)
  where outcome in ('held', 'dry_run');
`;

/** How many replicas services have now, the policies that decide it, what was decided, and the chart of it. */
export class CreateScalingTables1795410000000 implements MigrationInterface {
  readonly name = 'CreateScalingTables1795410000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLES);
    await runner.query(INDEXES);
    const services = (await runner.query(
      `select id from services where jsonb_typeof(settings->'replicas') = 'object'`,
    )) as { readonly id: string }[];
    const ids = services.map(({ id }) => id);
    await runner.query(
      `insert into service_scales (service_id, bus_partition, changed_xid)
       select id, number, pg_current_xact_id()::text::bigint from unnest($1::uuid[], $2::int[]) as s (id, number)`,
      [ids, ids.map(partitionOf)],
    );
    await runner.query(
      `insert into service_scale_nodes (service_id, agent_id, count)
       select id, agent_id, coalesce((settings->'replicas'->>'count')::int, 1) from services where id = any($1::uuid[])`,
      [ids],
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table scaling_points, scaling_decisions, service_scale_nodes, service_scales');
  }
}
