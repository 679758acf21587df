import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What nodes last reported of the replicas of their services. */
export class CreateServiceReplicas1795406400000 implements MigrationInterface {
  readonly name = 'CreateServiceReplicas1795406400000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table service_replicas (
        service_id uuid primary key references services (id) on delete cascade,
        agent_id uuid not null references agents (id) on delete cascade,
        report jsonb not null,
        reported_at timestamptz not null
      )`);
    await runner.query('create index service_replicas_agent on service_replicas (agent_id)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table service_replicas');
  }
}
