import {
  partitionOf,
  scalingPolicy,
  subjects,
  type ScalingPolicy,
  type ScalingPolicyDraft,
  type ServiceLoad,
} from '@flotilla/contracts';
import { insertServiceScale, newId, queryRows, setScalingPolicy, type DatabaseSession } from '@flotilla/core-db';
import type { BusConnection } from '@flotilla/runtime';

/** Requests per second that a replica is to have. */
export const TARGET = 10;

/** As many replicas as the load asks for, at once, and none fewer. */
export function buildPolicy(change: Partial<ScalingPolicyDraft> = {}): ScalingPolicy {
  return scalingPolicy.parse({
    maxReplicas: 100,
    targets: [{ kind: 'value', metric: { kind: 'requests_per_second' }, value: TARGET }],
    scaleUp: { tolerance: 0, steps: [] },
    scaleDown: { isDisabled: true },
    ...change,
  });
}

/** One more replica for each sample that is told while the service gets too much. */
export function buildSteppingPolicy(): ScalingPolicy {
  const change = { by: 1, unit: 'replicas' } as const;
  const threshold = { kind: 'threshold', comparison: 'above', value: TARGET, forMs: 0, change } as const;
  return buildPolicy({ targets: [{ ...threshold, metric: { kind: 'requests_per_second' } }] });
}

/** Stores a service with one replica on an agent. @param partition which it is to be in; any when it is not given */
export async function addScaledService(
  db: DatabaseSession,
  agentId: string,
  { policy = buildPolicy(), partition }: { policy?: ScalingPolicy | null; partition?: number } = {},
): Promise<string> {
  let id = newId();
  while (partition !== undefined && partitionOf(id) !== partition) id = newId();
  await db.query(
    `insert into services (id, name, revision, settings, updated_by) values ($1, 'service', 1, '{}', 'test')`,
    [id],
  );
  await insertServiceScale(db, id, [{ agentId, count: 1 }]);
  if (policy !== null) await setScalingPolicy(db, id, policy);
  return id;
}

/** What a node tells of a service: so many ready replicas, and the requests of all of them. */
export function buildLoad(serviceId: string, replicas: number, requestsPerSecond: number): ServiceLoad {
  return {
    serviceId,
    scaleRevision: 0,
    wanted: replicas,
    replicas: Array.from({ length: replicas }, (_, index) => ({
      id: `${index}`,
      isReady: true,
      startedAt: 0,
      cpuRatio: null,
      memoryRatio: null,
      custom: {},
    })),
    requestsPerSecond,
    latencyP95Ms: null,
    serverErrorRatio: null,
    inFlight: null,
  };
}

/** Publishes what a node tells of services, as its agent does; resolves when the stream has it. */
export async function publishLoad(
  bus: BusConnection,
  agentId: string,
  services: readonly ServiceLoad[],
  sampledAt = Date.now(),
): Promise<void> {
  const messages = Map.groupBy(services, ({ serviceId }) => partitionOf(serviceId));
  await Promise.all(
    [...messages].map(([partition, told]) => {
      const body = JSON.stringify({ sampledAt, intervalMs: 5000, services: told });
      return bus.jetstream.publish(subjects.load(partition, agentId), body);
    }),
  );
}

export interface Action {
  readonly serviceId: string;
  readonly from: number;
  readonly to: number;
  readonly scaleRevision: number;
}

/** Every change of a number that was decided, by service in their order. */
export async function readActions(db: DatabaseSession): Promise<Action[]> {
  return queryRows(
    db,
    `select service_id as "serviceId", from_count as "from", to_count as "to", scale_revision as "scaleRevision"
     from scaling_decisions where outcome = 'scaled' order by service_id, scale_revision`,
  );
}

/** How many tasks and events of scaling there are. */
export async function countConsequences(db: DatabaseSession): Promise<{ tasks: number; events: number }> {
  const [row] = await queryRows<{ tasks: number; events: number }>(
    db,
    `select (select count(*)::int from tasks where type = 'SCALE') as tasks,
       (select count(*)::int from outbox where payload->>'kind' = 'service.scaled') as events`,
  );
  return row ?? { tasks: 0, events: 0 };
}
