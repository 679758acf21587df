import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Bans, the networks that are never banned, and the revision that nodes follow both by. */
export class CreateWafTables1795424400000 implements MigrationInterface {
  readonly name = 'CreateWafTables1795424400000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table waf_state (
        is_only boolean primary key default true check (is_only),
        revision bigint not null default 0,
        allowed_revision bigint not null default 0
      )`);
    await runner.query('insert into waf_state default values');
    await runner.query(`
      create table bans (
        id uuid primary key,
        revision bigint not null,
        target cidr not null,
        agent_id uuid references agents (id) on delete cascade,
        service_id uuid references services (id) on delete cascade,
        state text not null check (state in ('held', 'active', 'lifted')),
        reason jsonb not null,
        rule_id text,
        decision_key text unique,
        evidence jsonb not null default '[]',
        offence int not null default 1,
        created_at timestamptz not null,
        created_by text not null,
        expires_at timestamptz,
        ended_at timestamptz,
        ended_by text
      )`);
    await runner.query('create index bans_revision on bans (revision)');
    await runner.query('create index bans_created on bans (created_at desc, id)');
    await runner.query('create index bans_expiry on bans (expires_at)');
    await runner.query('create index bans_target on bans using gist (target inet_ops)');
    await runner.query('create index bans_agent on bans (agent_id) where agent_id is not null');
    await runner.query('create index bans_service on bans (service_id) where service_id is not null');
    await runner.query(`
      create table allowed_networks (
        id uuid primary key,
        network cidr not null unique,
        comment text not null,
        created_at timestamptz not null,
        created_by text not null,
        expires_at timestamptz
      )`);
    await runner.query(`
      create table waf_rules (
        id text primary key,
        settings jsonb not null,
        updated_at timestamptz not null,
        updated_by text not null
      )`);
    await runner.query('alter table agents add column ban_revision bigint');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table agents drop column ban_revision');
    for (const table of ['waf_rules', 'allowed_networks', 'bans', 'waf_state'])
      await runner.query(`drop table ${table}`);
  }
}
