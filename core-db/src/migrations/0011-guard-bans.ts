import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How much may be banned, and whose addresses never are. */
export class GuardBans1795431600000 implements MigrationInterface {
  readonly name = 'GuardBans1795431600000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table waf_state add column guards jsonb not null default '{}'`);
    await runner.query(`alter table agents add column seen_networks jsonb not null default '[]'`);
    await runner.query(`
      create table core_networks (
        network cidr primary key,
        process text not null,
        seen_at timestamptz not null
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table core_networks');
    await runner.query('alter table agents drop column seen_networks');
    await runner.query('alter table waf_state drop column guards');
  }
}
