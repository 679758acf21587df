import type { MetricLevel } from './metric-levels.ts';

const HOUR_MS = 3_600_000;

/** Partitions exist this long before their first row. */
const AHEAD_MS = 48 * HOUR_MS;
/** A partition outlives its last row's retention: a rollup that was due just before must still find its rows. */
const GRACE_MS = HOUR_MS;

/** A part of a table: rows with `fromMs` ≤ at < `toMs`. */
export interface Partition {
  readonly name: string;
  readonly fromMs: number;
  readonly toMs: number;
}

export interface PartitionPlan {
  readonly create: readonly Partition[];
  readonly drop: readonly Partition[];
}

/**
 * Which partitions of a table to make and which to drop. All begin at a multiple of their length since the epoch, in UTC:
 * neither a leap day nor daylight saving time moves them. Rows arrive up to the raw retention late, at every level.
 * @param table name of the table with its level's suffix
 * @param existing names of its partitions; one with a foreign name is left alone
 */
export function planPartitions(
  table: string,
  { partitionMs, name: level }: MetricLevel,
  existing: readonly string[],
  keepMs: Readonly<Record<MetricLevel['name'], number>>,
  now: Date,
): PartitionPlan {
  const create: Partition[] = [];
  const first = floorTo(now.getTime() - keepMs.raw, partitionMs);
  for (let fromMs = first; fromMs <= now.getTime() + AHEAD_MS; fromMs += partitionMs) {
    const name = `${table}_p${formatDay(fromMs)}`;
    if (!existing.includes(name)) create.push({ name, fromMs, toMs: fromMs + partitionMs });
  }
  const drop = existing.flatMap((name) => {
    const fromMs = parsePartitionStart(table, name);
    const isOld = fromMs !== null && fromMs + partitionMs < now.getTime() - keepMs[level] - GRACE_MS;
    return isOld ? [{ name, fromMs, toMs: fromMs + partitionMs }] : [];
  });
  return { create, drop };
}

/** The table that a partition of ours belongs to, by its name. */
export function tableOfPartition(name: string): string {
  return name.replace(/_p\d{8}$/, '');
}

/** When a partition begins, in milliseconds since the epoch; null for a name that is not one of `table`'s partitions. */
function parsePartitionStart(table: string, name: string): number | null {
  const digits = /^_p(\d{4})(\d{2})(\d{2})$/.exec(name.startsWith(table) ? name.slice(table.length) : '');
  return digits === null ? null : Date.parse(`${digits[1]}-${digits[2]}-${digits[3]}T00:00:00Z`);
}

function formatDay(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 10).replaceAll('-', '');
}

function floorTo(valueMs: number, stepMs: number): number {
  return Math.floor(valueMs / stepMs) * stepMs;
}
