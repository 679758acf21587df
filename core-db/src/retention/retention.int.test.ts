import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { insertTestAgent, insertTestTask } from '../testing/fixtures.ts';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { deleteOldRows, type RetainedRows } from './retention.repository.ts';

const AGE_MS = 3_600_000;
const old = `now() - interval '2 hours'`;
const recent = `now() - interval '30 minutes'`;
const token = (column: string, at: string) =>
  `insert into refresh_tokens (id, family_id, user_id, token_hash, expires_at, ${column})
   select gen_random_uuid(), gen_random_uuid(), id, gen_random_uuid()::text, now() + interval '1 day', ${at} from users`;

const decision = (revision: number, at: string) =>
  `insert into scaling_decisions (id, service_id, scale_revision, at, outcome, from_count, to_count, targets, limits)
   select gen_random_uuid(), id, ${revision}, ${at}, 'scaled', 1, 2, '[]', '[]' from services`;

const template = (expiresAt: string) =>
  `insert into container_templates (id, agent_id, template, expires_at)
   select gen_random_uuid(), id, '{}', ${expiresAt} from agents`;

const ban = (state: string, expiresAt: string) =>
  `insert into bans (id, revision, target, state, reason, created_at, created_by, expires_at, ended_at)
   values (gen_random_uuid(), 1, '203.0.113.7/32', '${state}', '{}', ${old}, 'x', ${expiresAt}, ${old})`;

const evidence = (at: string) => `insert into waf_evidence values (gen_random_uuid(), 1, ${at}, ${at}, '{}')`;

/** Statements that make one row to delete, and rows to keep. */
const cases: Record<RetainedRows, { table: string; remove: string; keep: string[] }> = {
  bans: {
    table: 'bans',
    remove: ban('lifted', old),
    keep: [ban('lifted', recent), ban('lifted', 'null'), ban('active', 'null')],
  },
  wafEvidence: { table: 'waf_evidence', remove: evidence(old), keep: [evidence(recent)] },
  outbox: {
    table: 'outbox',
    remove: `insert into outbox values (gen_random_uuid(), 's', '{}', ${old}, ${old})`,
    keep: [
      `insert into outbox values (gen_random_uuid(), 's', '{}', ${old}, null)`,
      `insert into outbox values (gen_random_uuid(), 's', '{}', ${old}, ${recent})`,
    ],
  },
  joinTokens: {
    table: 'join_tokens',
    remove: `insert into join_tokens (id, token_hash, created_by_name, expires_at) values (gen_random_uuid(), 'a', 'x', ${old})`,
    keep: [
      `insert into join_tokens (id, token_hash, created_by_name, expires_at) values (gen_random_uuid(), 'b', 'x', ${recent})`,
    ],
  },
  refreshTokens: {
    table: 'refresh_tokens',
    remove: token('revoked_at', old),
    keep: [token('revoked_at', recent), token('used_at', old)],
  },
  tasks: {
    table: 'tasks',
    remove: `update tasks set state = 'succeeded', finished_at = ${old} where created_by = 'remove'`,
    keep: [`update tasks set created_at = ${old} where created_by = 'keep'`],
  },
  audit: {
    table: 'audit',
    remove: `insert into audit (id, at, action, actor_kind, actor_name, subject_kind, subject_name)
      values (gen_random_uuid(), ${old}, 'auth.login', 'user', 'x', 'user', 'x')`,
    keep: [
      `insert into audit (id, at, action, actor_kind, actor_name, subject_kind, subject_name)
       values (gen_random_uuid(), ${recent}, 'auth.login', 'user', 'x', 'user', 'x')`,
    ],
  },
  events: {
    table: 'events',
    remove: `insert into events values (gen_random_uuid(), 'agent.online', ${old}, null, null, '{}')`,
    keep: [`insert into events values (gen_random_uuid(), 'agent.online', ${recent}, null, null, '{}')`],
  },
  containerTemplates: {
    table: 'container_templates',
    remove: template(old),
    keep: [template(recent)],
  },
  scalingDecisions: {
    table: 'scaling_decisions',
    remove: decision(1, old),
    keep: [decision(2, recent)],
  },
  scalingPoints: {
    table: 'scaling_points',
    remove: `insert into scaling_points select id, ${old}, 1, null, '[]' from services`,
    keep: [`insert into scaling_points select id, ${recent}, 1, null, '[]' from services`],
  },
};

describe('deleteOldRows', () => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await createTestDatabase();
    await test.session.query(
      `insert into users (id, email, password_hash, role) values (gen_random_uuid(), 'a@b.c', 'x', 'admin')`,
    );
    const agentId = await insertTestAgent(test.session);
    await test.session.query(
      `insert into services (id, name, revision, settings, updated_by)
       values (gen_random_uuid(), 'shop', 1, '{}', 'a@b.c')`,
    );
    for (const createdBy of ['remove', 'keep']) await insertTestTask(test.session, { agentId, createdBy });
  });
  afterAll(() => test.close());

  it.each(Object.keys(cases) as RetainedRows[])('deletes %s that are too old and no others', async (what) => {
    const { table, remove, keep } = cases[what];
    for (const statement of [remove, ...keep]) await test.session.query(statement);
    expect(await deleteOldRows(test.session, what, AGE_MS)).toEqual({ deleted: 1, isMore: false });
    const [row]: { count: number }[] = await test.session.query(`select count(*)::int as count from ${table}`);
    expect(row?.count).toBe(keep.length);
  });

  it('says when a batch was not enough', async () => {
    await test.session.query(`insert into events
      select gen_random_uuid(), 'agent.online', ${old}, null, null, '{}' from generate_series(1, 5001)`);
    expect(await deleteOldRows(test.session, 'events', AGE_MS)).toEqual({ deleted: 5000, isMore: true });
    expect(await deleteOldRows(test.session, 'events', AGE_MS)).toEqual({ deleted: 1, isMore: false });
  });
});
