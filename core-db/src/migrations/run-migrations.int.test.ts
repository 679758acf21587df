import { partitionOf } from '@flotilla/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MigrationExecutor } from 'typeorm';
import { closeDatabase, openDatabase, type Database } from '../database.ts';
import { agentEntity } from '../agents/agent.entity.ts';
import { queryRows } from '../database-session.ts';
import { newId } from '../new-id.ts';
import { listServiceReplicas } from '../replicas/service-replicas.repository.ts';
import { listChangedServices } from '../scaling/scaled-service.repository.ts';
import { findServiceScale } from '../scaling/service-scale.repository.ts';
import { findServiceRevision } from '../services/service-revision.repository.ts';
import { findService } from '../services/service.repository.ts';
import { taskEntity } from '../tasks/task.entity.ts';
import { createEmptyTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { allMigrations } from './index.ts';
import { runMigrations } from './run-migrations.ts';

/** How many migrations there were before services had numbers of replicas. */
const FIRST_WITHOUT_SCALES = 5;
/** How many there were while a service lived on one node. */
const FIRST_ON_ONE_NODE = 6;
const logger = { info: () => undefined, warn: () => undefined };

describe('runMigrations', () => {
  let test: TestDatabase;
  const opened: Database[] = [];

  beforeEach(async () => {
    test = await createEmptyTestDatabase();
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map(closeDatabase));
    await test.close();
  });

  const openAnother = async (): Promise<Database> => {
    const database = await openDatabase({ url: test.url, logger, poolSize: 2 });
    opened.push(database);
    return database;
  };

  /** As every version of the table takes it. */
  const insertOldAgent = async (): Promise<string> => {
    const id = newId();
    const values = [id, `agent-${id}`, `hash-${id}`];
    await test.session.query(
      "insert into agents (id, name, api_key_hash, version) values ($1, $2, $3, '0.1.0')",
      values,
    );
    return id;
  };

  it('runs each migration once when four processes start at once', async () => {
    const processes = await Promise.all(Array.from({ length: 4 }, openAnother));
    const ran = await Promise.all(processes.map((database) => runMigrations(database, logger)));
    expect(ran.filter((names) => names.length > 0)).toHaveLength(1);
    expect(await countMigrations(test)).toBe(allMigrations.length);
  });

  it('would fail without its lock (negative control)', async () => {
    const processes = await Promise.all(Array.from({ length: 4 }, openAnother));
    const runs = await Promise.allSettled(processes.map((database) => runUnlocked(database)));
    expect(runs.filter(({ status }) => status === 'rejected').length).toBeGreaterThan(0);
  });

  it('keeps the rows of an older database', async () => {
    const agent = { id: newId(), name: 'edge-1', apiKeyHash: 'x', version: '1.0.0' };
    await runMigrations(test.database, logger);
    await undoMigrations(test, allMigrations.length - 1);
    await test.session.query('insert into agents (id, name, api_key_hash, version) values ($1, $2, $3, $4)', [
      agent.id,
      agent.name,
      agent.apiKeyHash,
      agent.version,
    ]);
    await test.session.query(
      `insert into tasks (id, agent_id, type, state, payload, created_by)
       select $1, id, 'UPDATE_NGINX', 'pending', '{}', 'admin' from agents`,
      [newId()],
    );
    const ran = await runMigrations(test.database, logger);
    expect(ran).toHaveLength(allMigrations.length - 1);
    expect(await test.database.getRepository(agentEntity).findOneByOrFail({ id: agent.id })).toMatchObject({
      ...agent,
      status: 'offline',
      clockOffsetMs: null,
      registeredAt: expect.any(Date),
    });
    expect(await test.database.getRepository(taskEntity).findOneByOrFail({ agentId: agent.id })).toMatchObject({
      state: 'pending',
      payload: {},
    });
  });

  it('gives each service with replicas the number that it had', async () => {
    await runMigrations(test.database, logger);
    await undoMigrations(test, allMigrations.length - FIRST_WITHOUT_SCALES);
    const agentId = await insertOldAgent();
    const ids = [newId(), newId(), newId()];
    const settings = [{ replicas: { count: 3 } }, { replicas: null }, {}];
    await test.session.query(
      `insert into services (id, name, agent_id, revision, settings, updated_by, config_state)
       select id, id, $1, 1, settings, 'a@b.c', 'applied' from unnest($2::uuid[], $3::jsonb[]) as s (id, settings)`,
      [agentId, ids, settings.map((one) => JSON.stringify(one))],
    );
    await runMigrations(test.database, logger);
    const [withReplicas = '', ...others] = ids;
    expect(await findServiceScale(test.session, withReplicas)).toMatchObject({
      scaleRevision: 0,
      policy: null,
      nodes: [{ agentId, count: 3 }],
    });
    const { services } = await listChangedServices(test.session, [partitionOf(withReplicas)], '0');
    expect(services.map(({ serviceId }) => serviceId)).toEqual([withReplicas]);
    for (const id of others) expect(await findServiceScale(test.session, id)).toBeNull();
  });

  it('gives each service the node that it was on, with its state, history and report, and takes that back', async () => {
    await runMigrations(test.database, logger);
    await undoMigrations(test, allMigrations.length - FIRST_ON_ONE_NODE);
    const [agentId, otherAgentId] = [await insertOldAgent(), await insertOldAgent()];
    const id = newId();
    await test.session.query(
      `insert into services (id, name, agent_id, revision, settings, updated_by, config_state, config_reason, applied_revision)
       values ($1, 'shop', $2, 2, '{}', 'a@b.c', 'rejected', 'why', 1)`,
      [id, agentId],
    );
    await test.session.query(
      `insert into service_revisions (service_id, revision, settings, name, agent_id, saved_by, state, reason, config)
       values ($1, 1, '{}', 'shop', $3, 'a@b.c', 'applied', null, 'server {}'),
         ($1, 2, '{}', 'shop', $2, 'a@b.c', 'rejected', 'why', null)`,
      [id, agentId, otherAgentId],
    );
    // The report of a node that the service has left meanwhile tells nothing.
    await test.session.query(
      `insert into service_replicas (service_id, agent_id, report, reported_at) values ($1, $2, '{}', now())`,
      [id, otherAgentId],
    );
    await runMigrations(test.database, logger);
    expect(await findService(test.session, id)).toMatchObject({
      revision: 2,
      nodes: [{ agentId, configState: 'rejected', configReason: 'why', appliedRevision: 1 }],
    });
    expect(await findServiceRevision(test.session, id, 1, otherAgentId)).toMatchObject({
      agentIds: [otherAgentId],
      node: { state: 'applied', reason: null, config: 'server {}' },
    });
    expect(await findServiceRevision(test.session, id, 2, otherAgentId)).toMatchObject({
      agentIds: [agentId],
      node: null,
    });
    expect(await listServiceReplicas(test.session, id)).toMatchObject([{ agentId, report: null }]);

    await undoMigrations(test, allMigrations.length - FIRST_ON_ONE_NODE);
    const [back] = await queryRows(
      test.session,
      `select s.agent_id as "agentId", s.config_state as state, r.config from services s
       join service_revisions r on r.service_id = s.id and r.revision = s.applied_revision`,
    );
    expect(back).toEqual({ agentId, state: 'rejected', config: 'server {}' });
  });

  it('leaves nothing behind when a migration fails', async () => {
    await test.session.query('create table events (id int)');
    await expect(runMigrations(test.database, logger)).rejects.toThrow(/"events" already exists/);
    const tables: { name: string }[] = await test.session.query(
      `select table_name as name from information_schema.tables where table_schema = 'public'`,
    );
    expect(tables).toEqual([{ name: 'events' }]);
    await test.session.query('drop table events');
    expect(await runMigrations(test.database, logger)).toHaveLength(allMigrations.length);
  });

  it('can be taken back', async () => {
    await runMigrations(test.database, logger);
    await undoMigrations(test, allMigrations.length);
    await runMigrations(test.database, logger);
    expect(await countMigrations(test)).toBe(allMigrations.length);
  });
});

async function countMigrations({ session }: TestDatabase): Promise<number> {
  const rows: { count: number }[] = await session.query('select count(*)::int as count from migrations');
  return rows[0]?.count ?? 0;
}

async function undoMigrations({ database }: TestDatabase, count: number): Promise<void> {
  for (let undone = 0; undone < count; undone += 1) await database.undoLastMigration();
}

async function runUnlocked(database: Database): Promise<void> {
  await database.transaction(async (tx) => {
    const executor = new MigrationExecutor(database, tx.queryRunner);
    executor.transaction = 'all';
    await executor.executePendingMigrations();
  });
}
