import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What nodes have read of their containers, for services that are about to be saved; values of variables are sealed. */
export class CreateContainerTemplates1795417200000 implements MigrationInterface {
  readonly name = 'CreateContainerTemplates1795417200000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table container_templates (
        id uuid primary key,
        agent_id uuid not null references agents (id) on delete cascade,
        template jsonb not null,
        expires_at timestamptz not null
      )`);
    await runner.query('create index container_templates_age on container_templates (expires_at)');
    await runner.query('create index container_templates_agent on container_templates (agent_id)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table container_templates');
  }
}
