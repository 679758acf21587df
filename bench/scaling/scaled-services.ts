import { partitionOf, scalingPolicy } from '@flotilla/contracts';
import { randomUUID } from 'node:crypto';
import type pg from 'pg';

/** Replicas that each simulated service has at first. */
export const FIRST_REPLICAS = 2;
/** CPU that a replica is to have, as a ratio of its limit. */
export const CPU_TARGET = 0.5;
const MOST_REPLICAS = 20;

/** A simulated service on its node. */
export interface ScaledService {
  readonly id: string;
  readonly agentId: string;
  readonly partition: number;
}

/** Stores services with replicas and a policy with the defaults, as many on each agent. */
export async function createScaledServices(
  database: pg.Client,
  agentIds: readonly string[],
  servicesPerAgent: number,
): Promise<ScaledService[]> {
  const services = agentIds.flatMap((agentId) =>
    Array.from({ length: servicesPerAgent }, () => {
      const id = randomUUID();
      return { id, agentId, partition: partitionOf(id) };
    }),
  );
  const ids = services.map(({ id }) => id);
  const agents = services.map(({ agentId }) => agentId);
  const target = { kind: 'value', metric: { kind: 'cpu' }, value: CPU_TARGET } as const;
  const policy = scalingPolicy.parse({ maxReplicas: MOST_REPLICAS, targets: [target] });
  await database.query(
    `insert into services (id, name, revision, settings, updated_by)
     select id, 'service ' || id, 1, '{}', 'bench' from unnest($1::uuid[]) as s (id)`,
    [ids],
  );
  await database.query(
    `insert into service_scales (service_id, bus_partition, policy, policy_revision, policy_updated_at, changed_xid)
     select id, partition, $3::jsonb, 1, now(), pg_current_xact_id()::text::bigint
     from unnest($1::uuid[], $2::int[]) as s (id, partition)`,
    [ids, services.map(({ partition }) => partition), JSON.stringify(policy)],
  );
  await database.query(
    `insert into service_scale_nodes (service_id, agent_id, count)
     select id, agent_id, $3 from unnest($1::uuid[], $2::uuid[]) as s (id, agent_id)`,
    [ids, agents, FIRST_REPLICAS],
  );
  return services;
}

/** Ids of the services whose number was changed, once for each time that it was. */
export async function readActions(database: pg.Client): Promise<string[]> {
  const { rows } = await database.query<{ id: string }>(
    `select service_id as id from scaling_decisions where outcome = 'scaled'`,
  );
  return rows.map(({ id }) => id);
}
