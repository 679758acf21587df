import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What nodes said of suspects, to try rules on. */
export class CreateWafEvidence1795435200000 implements MigrationInterface {
  readonly name = 'CreateWafEvidence1795435200000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table waf_evidence (
        agent_id uuid not null,
        partition int not null,
        sampled_at timestamptz not null,
        stored_at timestamptz not null,
        message jsonb not null,
        primary key (agent_id, partition, sampled_at)
      )`);
    await runner.query('create index waf_evidence_stored on waf_evidence (stored_at, agent_id, partition)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table waf_evidence');
  }
}
