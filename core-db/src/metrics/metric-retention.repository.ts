import type { MetricResolution } from '@flotilla/contracts';
import { queryRows, type DatabaseSession } from '../database-session.ts';
import type { MetricRetention } from './metric-levels.ts';

/**
 * How long each level is kept. It stands in the database, where maintenance writes it from its settings: writers and
 * readers of every process then agree with what is dropped.
 */
export async function readMetricRetention(db: DatabaseSession): Promise<MetricRetention> {
  const rows = await queryRows<{ level: MetricResolution; keepMs: string }>(
    db,
    'select level, keep_ms as "keepMs" from metric_retention',
  );
  return Object.fromEntries(rows.map(({ level, keepMs }) => [level, Number(keepMs)])) as MetricRetention;
}

/** @returns whether it was another one before */
export async function setMetricRetention(tx: DatabaseSession, retention: MetricRetention): Promise<boolean> {
  const changed = await queryRows(
    tx,
    `insert into metric_retention (level, keep_ms) select * from unnest($1::text[], $2::bigint[])
     on conflict (level) do update set keep_ms = excluded.keep_ms where metric_retention.keep_ms <> excluded.keep_ms
     returning level`,
    [Object.keys(retention), Object.values(retention)],
  );
  return changed.length > 0;
}
