import type { MigrationInterface, QueryRunner } from 'typeorm';

const NODES = `
create table service_nodes (
  service_id uuid not null references services on delete cascade,
  agent_id uuid not null references agents,
  config_state text not null check (config_state in ('applying', 'applied', 'rejected')),
  config_reason text,
  applied_revision int,
  config_updated_at timestamptz not null default now(),
  primary key (service_id, agent_id)
);
create index service_nodes_agent on service_nodes (agent_id);
insert into service_nodes
  select id, agent_id, config_state, config_reason, applied_revision, config_updated_at from services;
create table service_revision_nodes (
  service_id uuid not null,
  revision int not null,
  agent_id uuid not null,
  state text not null check (state in ('applying', 'applied', 'rejected', 'superseded')),
  reason text,
  config text,
  primary key (service_id, revision, agent_id),
  foreign key (service_id, revision) references service_revisions on delete cascade
);
insert into service_revision_nodes
  select service_id, revision, agent_id, state, reason, config from service_revisions;
`;

const WHAT_A_NODE_HAS_NOW = `
drop index services_agent;
alter table services drop column agent_id, drop column config_state, drop column config_reason,
  drop column applied_revision, drop column config_updated_at;
alter table service_revisions drop column agent_id, drop column state, drop column reason, drop column config;
`;

/** What a node reported goes with the service's being there. */
const REPLICAS = `
delete from service_replicas r where not exists (
  select from service_nodes n where n.service_id = r.service_id and n.agent_id = r.agent_id);
alter table service_replicas drop constraint service_replicas_pkey, add primary key (service_id, agent_id),
  drop constraint service_replicas_service_id_fkey, drop constraint service_replicas_agent_id_fkey,
  add foreign key (service_id, agent_id) references service_nodes on delete cascade;
`;

/** A service keeps the first of its nodes. */
const BACK = `
create temporary table kept on commit drop as
  select distinct on (service_id) * from service_nodes order by service_id, agent_id;
delete from service_domains d using kept k where d.service_id = k.service_id and d.agent_id <> k.agent_id;
delete from service_replicas r using kept k where r.service_id = k.service_id and r.agent_id <> k.agent_id;
alter table service_replicas drop constraint service_replicas_pkey, add primary key (service_id),
  drop constraint service_replicas_service_id_agent_id_fkey,
  add foreign key (service_id) references services on delete cascade,
  add foreign key (agent_id) references agents on delete cascade;
alter table services add column agent_id uuid references agents, add column config_state text
  check (config_state in ('applying', 'applied', 'rejected')), add column config_reason text,
  add column applied_revision int, add column config_updated_at timestamptz not null default now();
update services s set agent_id = k.agent_id, config_state = k.config_state, config_reason = k.config_reason,
  applied_revision = k.applied_revision, config_updated_at = k.config_updated_at
  from kept k where k.service_id = s.id;
alter table services alter column agent_id set not null, alter column config_state set not null;
create index services_agent on services (agent_id);
alter table service_revisions add column agent_id uuid, add column state text
  check (state in ('applying', 'applied', 'rejected', 'superseded')), add column reason text, add column config text;
update service_revisions r set agent_id = n.agent_id, state = n.state, reason = n.reason, config = n.config
  from (select distinct on (service_id, revision) * from service_revision_nodes
    order by service_id, revision, agent_id) n
  where n.service_id = r.service_id and n.revision = r.revision;
alter table service_revisions alter column agent_id set not null, alter column state set not null;
drop table service_revision_nodes, service_nodes;
`;

/** How far a service has come is a matter of each of its nodes, and so is the file that was rendered there. */
export class LetServicesLiveOnSeveralNodes1795413600000 implements MigrationInterface {
  readonly name = 'LetServicesLiveOnSeveralNodes1795413600000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(NODES);
    await runner.query(WHAT_A_NODE_HAS_NOW);
    await runner.query(REPLICAS);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(BACK);
  }
}
