import type { AgentSample } from './agent-sample.ts';
import { BinaryCopy } from './binary-copy.ts';
import { metricKinds, type MetricKind, type MetricKindName } from './metric-tables.ts';
import type { ResolvedSubjects } from './resolve-subjects.ts';

/** Rows of one table, ready to be sent. */
export interface EncodedRows {
  readonly kind: MetricKind;
  /** The table's columns, in the order of the fields. */
  readonly columns: string;
  readonly rows: number;
  readonly bytes: Buffer;
  /** To be called once the rows are in the table: the memory is then used again. */
  readonly release: () => void;
}

/**
 * Below that a value is stored as 0: the database refuses to compute with numbers that small (an average of them has no
 * representation), and one such value would hold up the rollups of its bucket for ever.
 */
const SMALLEST_REAL = 1e-30;
const SMALLEST_DOUBLE = 1e-290;
/** The same for sums; nothing that is measured is as large. */
export const LARGEST_DOUBLE = 1e290;

/** Encodes samples for the three tables; those without rows are left out. */
export function encodeSamples(samples: readonly AgentSample[], subjects: ResolvedSubjects): EncodedRows[] {
  const copies = { host: new BinaryCopy(), container: new BinaryCopy(), custom: new BinaryCopy() };
  for (const { agentId, sample } of samples) {
    const { sampledAt, host } = sample;
    if (host !== null) {
      copies.host.beginRow(3 + metricKinds.host.columns.length);
      copies.host.uuid(Buffer.from(agentId.replaceAll('-', ''), 'hex'));
      copies.host.timestamp(sampledAt);
      copies.host.int(sample.clockOffsetMs === null ? null : clampInt(sample.clockOffsetMs));
      writeValues(copies.host, metricKinds.host, host, 0);
    }
    const { containerRef, seriesRef } = subjects.ofAgent(agentId);
    const { ids, values } = sample.containers;
    for (let index = 0; index < ids.length; index += 1) {
      const ref = containerRef(ids[index] ?? '');
      if (ref === undefined) continue;
      copies.container.beginRow(2 + metricKinds.container.columns.length);
      copies.container.int(ref);
      copies.container.timestamp(sampledAt);
      writeValues(copies.container, metricKinds.container, values, index * metricKinds.container.columns.length);
    }
    for (const { containerId, name, value } of sample.series) {
      const container = containerId === null ? null : containerRef(containerId);
      const ref = container === undefined ? undefined : seriesRef(container, name);
      if (ref === undefined) continue;
      copies.custom.beginRow(3);
      copies.custom.int(ref);
      copies.custom.timestamp(sampledAt);
      copies.custom.double(flush(value, SMALLEST_DOUBLE));
    }
  }
  return (Object.keys(copies) as MetricKindName[]).flatMap((name) => {
    const copy = copies[name];
    const release = (): void => copy.release();
    if (copy.rows === 0) {
      release();
      return [];
    }
    const kind = metricKinds[name];
    return [{ kind, columns: listColumns(kind), rows: copy.rows, bytes: copy.finish(), release }];
  });
}

function listColumns({ ref, extra, columns }: MetricKind): string {
  return [ref, 'at', ...[...extra, ...columns].map(({ column }) => column)].join(', ');
}

/** Writes one row's figures, which begin at `from`. */
function writeValues(copy: BinaryCopy, { columns }: MetricKind, values: readonly number[], from: number): void {
  for (let index = 0; index < columns.length; index += 1) {
    const value = values[from + index] ?? Number.NaN;
    if (columns[index]?.type === 'real') copy.real(flush(value, SMALLEST_REAL));
    else copy.double(flush(value, SMALLEST_DOUBLE));
  }
}

function flush(value: number, smallest: number): number {
  return Math.abs(value) < smallest ? 0 : value;
}

const LARGEST_INT = 2 ** 31 - 1;

/** A clock that is wrong by more than 24 days is as wrong as one by 24 days. */
function clampInt(value: number): number {
  return Math.max(-LARGEST_INT, Math.min(LARGEST_INT, Math.round(value)));
}
