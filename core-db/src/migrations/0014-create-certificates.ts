import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Certificates that services are served with, their keys sealed. */
export class CreateCertificates1795442400000 implements MigrationInterface {
  readonly name = 'CreateCertificates1795442400000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table certificates (
        id uuid primary key,
        source text not null check (source in ('uploaded', 'self_signed')),
        hash text not null unique,
        sealed text not null,
        names jsonb not null,
        issuer text not null,
        serial_number text not null,
        fingerprint text not null,
        key_type text not null,
        is_self_signed boolean not null,
        not_before timestamptz not null,
        not_after timestamptz not null,
        created_at timestamptz not null,
        updated_at timestamptz not null,
        updated_by text not null
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table certificates');
  }
}
