import type { MigrationInterface, QueryRunner } from 'typeorm';

const INDEXES = {
  agents_online: `agents (last_seen_at) where status = 'online'`,
  tasks_leased: `tasks (lease_until) where state in ('delivered', 'running')`,
  tasks_finished: 'tasks (finished_at) where finished_at is not null',
  outbox_published: 'outbox (published_at) where published_at is not null',
  join_tokens_expiry: 'join_tokens (expires_at)',
  refresh_tokens_expiry: 'refresh_tokens (expires_at)',
  refresh_tokens_family: 'refresh_tokens (family_id)',
  refresh_tokens_user: 'refresh_tokens (user_id)',
  services_agent: 'services (agent_id)',
  service_domains_service: 'service_domains (service_id)',
  events_service: 'events (service_id, at desc)',
} as const;

/** What the workers look for every second, and the referencing sides of foreign keys. */
export class AddMaintenanceIndexes1795395600000 implements MigrationInterface {
  readonly name = 'AddMaintenanceIndexes1795395600000';

  async up(runner: QueryRunner): Promise<void> {
    for (const [name, definition] of Object.entries(INDEXES)) {
      await runner.query(`create index ${name} on ${definition}`);
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const name of Object.keys(INDEXES)) await runner.query(`drop index ${name}`);
  }
}
