import type { MigrationInterface, QueryRunner } from 'typeorm';

const PEOPLE = `
create table users (
  id uuid primary key,
  email text not null unique,
  password_hash text not null,
  role text not null check (role in ('viewer', 'operator', 'admin')),
  must_change_password boolean not null default false,
  created_at timestamptz not null default now(),
  last_login_at timestamptz,
  token_version int not null default 1
);
create table refresh_tokens (
  id uuid primary key,
  family_id uuid not null,
  user_id uuid not null references users on delete cascade,
  token_hash text not null unique,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  used_at timestamptz,
  revoked_at timestamptz
);
create table audit (
  id uuid primary key,
  at timestamptz not null default now(),
  action text not null,
  actor_kind text not null,
  actor_id uuid,
  actor_name text not null,
  subject_kind text not null,
  subject_id uuid,
  subject_name text not null,
  client_address text,
  before jsonb,
  after jsonb
);
create index audit_recent on audit (at desc, id);
create index audit_subject on audit (subject_id, at desc);
`;

const AGENTS = `
create table agents (
  id uuid primary key,
  name text not null unique,
  url text,
  api_key_hash text not null,
  status text not null default 'offline' check (status in ('online', 'offline')),
  last_seen_at timestamptz,
  registered_at timestamptz not null default now(),
  version text not null,
  bus text not null default 'polling' check (bus in ('connected', 'polling')),
  bus_public_key text,
  session_id uuid,
  facts jsonb,
  containers jsonb,
  containers_reported_at timestamptz,
  desired_revision text,
  applied_revision text,
  applied_at timestamptz,
  rejected_revision text,
  rejected_reason text
);
create table revoked_bus_keys (
  public_key text primary key,
  agent_id uuid not null,
  revoked_at timestamptz not null default now()
);
create table join_tokens (
  id uuid primary key,
  token_hash text not null unique,
  agent_name text,
  created_at timestamptz not null default now(),
  created_by_name text not null,
  created_by_id uuid,
  expires_at timestamptz not null,
  used_at timestamptz,
  used_by_agent_id uuid
);
`;

const SERVICES = `
create table services (
  id uuid primary key,
  name text not null,
  agent_id uuid not null references agents,
  revision int not null,
  settings jsonb not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  updated_by text not null,
  config_state text not null check (config_state in ('applying', 'applied', 'rejected')),
  config_reason text,
  applied_revision int,
  config_updated_at timestamptz not null default now()
);
create table service_domains (
  agent_id uuid not null,
  domain text not null,
  service_id uuid not null references services on delete cascade,
  primary key (agent_id, domain)
);
create table service_revisions (
  service_id uuid not null references services on delete cascade,
  revision int not null,
  settings jsonb not null,
  name text not null,
  agent_id uuid not null,
  saved_at timestamptz not null default now(),
  saved_by text not null,
  restored_revision int,
  state text not null check (state in ('applying', 'applied', 'rejected', 'superseded')),
  reason text,
  config text,
  primary key (service_id, revision)
);
`;

const WORK = `
create table tasks (
  id uuid primary key,
  agent_id uuid not null references agents on delete cascade,
  type text not null,
  state text not null,
  payload jsonb not null,
  revision text,
  deliveries int not null default 0,
  lease_until timestamptz,
  created_at timestamptz not null default now(),
  created_by text not null,
  delivered_at timestamptz,
  finished_at timestamptz,
  outcome text,
  result jsonb
);
create index tasks_open on tasks (agent_id, created_at) where state in ('pending', 'delivered', 'running');
create index tasks_recent on tasks (created_at desc, id);
create table outbox (
  id uuid primary key,
  subject text not null,
  payload jsonb not null,
  created_at timestamptz not null default now(),
  published_at timestamptz
);
create index outbox_unpublished on outbox (created_at, id) where published_at is null;
create table events (
  id uuid primary key,
  kind text not null,
  at timestamptz not null,
  agent_id uuid,
  service_id uuid,
  data jsonb not null
);
create index events_recent on events (at desc, id);
create index events_agent on events (agent_id, at desc);
`;

/** The tables of the first release. */
export class CreateCoreTables1795392000000 implements MigrationInterface {
  readonly name = 'CreateCoreTables1795392000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const tables of [PEOPLE, AGENTS, SERVICES, WORK]) await runner.query(tables);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop table events, outbox, tasks, service_revisions, service_domains, services, join_tokens,
      revoked_bus_keys, agents, audit, refresh_tokens, users`);
  }
}
