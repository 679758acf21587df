import { containerMetricNames, type ContainerMetric, type MetricValue } from '@flotilla/contracts';
import { queryRows, type DatabaseSession } from '../database-session.ts';
import { LAST_SEEN_LAG_MS } from './metric-subjects.ts';
import { metricKinds } from './metric-tables.ts';

/** The latest figures of a container. */
export interface ContainerUsageRecord {
  readonly id: string;
  readonly name: string;
  readonly sampledAt: Date;
  readonly values: Readonly<Record<ContainerMetric, MetricValue>>;
}

const WITHIN = `interval '1 minute'`;
const COLUMNS = metricKinds.container.columns.map(({ column, metric }) => `m.${column} as "${metric}"`).join(', ');

/** The latest sample of every container of an agent that has one within the last minute; by name. */
export async function listContainerUsage(db: DatabaseSession, agentId: string): Promise<ContainerUsageRecord[]> {
  const rows = await queryRows<{ id: string; name: string; sampledAt: Date } & Record<ContainerMetric, MetricValue>>(
    db,
    `select c.docker_id as id, c.name, m.at as "sampledAt", ${COLUMNS}
     from metric_containers c cross join lateral (
       select * from container_metrics where container_ref = c.id and at > now() - ${WITHIN} order by at desc limit 1
     ) as m
     where c.agent_id = $1 and c.last_seen_at > now() - ${WITHIN} - interval '${LAST_SEEN_LAG_MS} milliseconds'
     order by c.name, c.docker_id`,
    [agentId],
  );
  return rows.map(({ id, name, sampledAt, ...values }) => ({
    id,
    name,
    sampledAt,
    values: Object.fromEntries(containerMetricNames.map((metric) => [metric, values[metric]])) as typeof values,
  }));
}
