import type { MetricValue } from '@flotilla/contracts';
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
      writeValues(copies.host, metricKinds.host, host);
    }
    for (const { id, values } of sample.containers) {
      const ref = subjects.containerRef(agentId, id);
      if (ref === undefined) continue;
      copies.container.beginRow(2 + metricKinds.container.columns.length);
      copies.container.int(ref);
      copies.container.timestamp(sampledAt);
      writeValues(copies.container, metricKinds.container, values);
    }
    for (const { containerId, name, value } of sample.series) {
      const container = containerId === null ? null : subjects.containerRef(agentId, containerId);
      const ref = container === undefined ? undefined : subjects.seriesRef(agentId, container, name);
      if (ref === undefined) continue;
      copies.custom.beginRow(3);
      copies.custom.int(ref);
      copies.custom.timestamp(sampledAt);
      copies.custom.double(flush(value, SMALLEST_DOUBLE));
    }
  }
  return (Object.keys(copies) as MetricKindName[])
    .filter((name) => copies[name].rows > 0)
    .map((name) => ({
      kind: metricKinds[name],
      columns: listColumns(metricKinds[name]),
      rows: copies[name].rows,
      bytes: copies[name].finish(),
    }));
}

function listColumns({ ref, extra, columns }: MetricKind): string {
  return [ref, 'at', ...[...extra, ...columns].map(({ column }) => column)].join(', ');
}

function writeValues(copy: BinaryCopy, { columns }: MetricKind, values: readonly MetricValue[]): void {
  for (let index = 0; index < columns.length; index += 1) {
    const value = values[index] ?? null;
    if (columns[index]?.type === 'real') copy.real(value === null ? null : flush(value, SMALLEST_REAL));
    else copy.double(value === null ? null : flush(value, SMALLEST_DOUBLE));
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
