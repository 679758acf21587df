import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Unique bus keys: public keys are no secret, and an agent that named another's as its own could have that key revoked by
 * naming a third one afterwards. And the tasks of one agent by time, finished ones too.
 */
export class IndexWorkOfAgents1795399200000 implements MigrationInterface {
  readonly name = 'IndexWorkOfAgents1795399200000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('create unique index agents_bus_public_key on agents (bus_public_key)');
    await runner.query('create index tasks_agent on tasks (agent_id, created_at)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop index tasks_agent, agents_bus_public_key');
  }
}
