import { partitionOf, PARTITIONS } from '@flotilla/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../new-id.ts';
import { insertTestAgent } from '../testing/fixtures.ts';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { listChangedServices, readNodeRooms } from './scaled-service.repository.ts';
import { advanceScale, insertServiceScale } from './service-scale.repository.ts';

let test: TestDatabase;
let agentId: string;
beforeAll(async () => {
  test = await createTestDatabase();
  agentId = await insertTestAgent(test.session, { status: 'online' });
});
afterAll(() => test.close());

const all = Array.from({ length: PARTITIONS }, (_, number) => number);

async function addService(): Promise<string> {
  const id = newId();
  await test.session.query(
    `insert into services (id, name, revision, settings, updated_by) values ($1, 'shop', 1, '{}', 'test')`,
    [id],
  );
  await insertServiceScale(test.session, id, [{ agentId, count: 2 }]);
  return id;
}

describe('listChangedServices', () => {
  it('tells of a partition’s services, and then of what changed', async () => {
    const [one, other] = [await addService(), await addService()];
    const first = await listChangedServices(test.session, [partitionOf(one)], '0');
    expect(first.services).toContainEqual({
      serviceId: one,
      busPartition: partitionOf(one),
      name: 'shop',
      scaleRevision: 0,
      policy: null,
      policyRevision: 0,
      nodes: [{ agentId, count: 2 }],
      seenXid: first.seenXid,
    });
    const { seenXid } = await listChangedServices(test.session, all, '0');
    expect((await listChangedServices(test.session, all, seenXid)).services).toEqual([]);
    await advanceScale(test.session, { serviceId: other, scaleRevision: 0 }, [{ agentId, count: 3 }]);
    expect((await listChangedServices(test.session, all, seenXid)).services).toMatchObject([
      { serviceId: other, scaleRevision: 1, nodes: [{ count: 3 }] },
    ]);
  });

  it('misses none that began before and is committed later', async () => {
    const id = await addService();
    const { promise: mayCommit, resolve: commit } = Promise.withResolvers<void>();
    const { promise: isWritten, resolve: tellWritten } = Promise.withResolvers<void>();
    const slow = test.inTransaction(async (tx) => {
      await advanceScale(tx, { serviceId: id, scaleRevision: 0 }, [{ agentId, count: 5 }]);
      tellWritten();
      await mayCommit;
    });
    await isWritten;
    const quick = await addService();
    const before = await listChangedServices(test.session, all, '0');
    expect(before.services.find(({ serviceId }) => serviceId === id)?.scaleRevision).toBe(0);
    expect(before.services.map(({ serviceId }) => serviceId)).toContain(quick);
    commit();
    await slow;
    const { services } = await listChangedServices(test.session, all, before.seenXid);
    expect(services.find(({ serviceId }) => serviceId === id)?.scaleRevision).toBe(1);
  });
});

describe('advanceScale', () => {
  it('changes the number once for one revision, and not for another version of the policy', async () => {
    const serviceId = await addService();
    const nodes = [{ agentId, count: 9 }];
    const guard = { serviceId, scaleRevision: 0 };
    expect(await advanceScale(test.session, { ...guard, policyRevision: 1 }, nodes)).toBeNull();
    const both = await Promise.all([
      test.inTransaction((tx) => advanceScale(tx, guard, nodes)),
      test.inTransaction((tx) => advanceScale(tx, guard, nodes)),
    ]);
    expect(both.toSorted()).toEqual([1, null]);
  });
});

describe('readNodeRooms', () => {
  it('knows what metrics and policies tell, and no more', async () => {
    const serviceId = await addService();
    await test.session.query(
      `update service_scales set policy = '{"cpuReservation": 0.5, "memoryReservationBytes": null}' where service_id = $1`,
      [serviceId],
    );
    const unknown = await readNodeRooms(test.session, [agentId]);
    expect([...unknown.nodes.values()]).toEqual([{ agentId, isOnline: true, cpuCores: null, memoryBytes: null }]);
    expect(unknown.reservations.get(agentId)).toEqual([{ agentId, serviceId, cpu: 1, memoryBytes: 0 }]);
    await test.session.query(
      `insert into metric_series (agent_id, name, first_seen_at, last_seen_at)
       select $1, 'host.core.' || n || '.cpuPercent', now(), now() from generate_series(0, 3) as n`,
      [agentId],
    );
    await test.session.query(`insert into host_metrics (agent_id, at, memory_total_bytes) values ($1, now(), 8e9)`, [
      agentId,
    ]);
    const { nodes } = await readNodeRooms(test.session, [agentId]);
    expect(nodes.get(agentId)).toEqual({ agentId, isOnline: true, cpuCores: 4, memoryBytes: 8e9 });
  });
});
