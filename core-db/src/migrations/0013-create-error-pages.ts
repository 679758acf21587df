import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Sets of error pages with their versions; the HTML is kept once for each content, by its hash, and never changed. */
export class CreateErrorPages1795438800000 implements MigrationInterface {
  readonly name = 'CreateErrorPages1795438800000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table error_page_contents (
        hash text primary key check (hash ~ '^[0-9a-f]{64}$'),
        html text not null
      )`);
    await runner.query(`
      create table error_page_sets (
        id uuid primary key,
        name text not null unique,
        is_default boolean not null default false,
        revision int not null,
        pages jsonb not null,
        updated_at timestamptz not null,
        updated_by text not null
      )`);
    await runner.query('create unique index error_page_sets_default on error_page_sets (is_default) where is_default');
    await runner.query(`
      create table error_page_versions (
        set_id uuid not null references error_page_sets (id) on delete cascade,
        revision int not null,
        name text not null,
        pages jsonb not null,
        saved_at timestamptz not null,
        saved_by text not null,
        restored_revision int,
        primary key (set_id, revision)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table error_page_versions, error_page_sets, error_page_contents');
  }
}
