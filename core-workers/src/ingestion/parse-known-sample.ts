import {
  CONTAINER_ID,
  containerMetricNames,
  containerMetrics,
  hostMetricNames,
  hostMetrics,
  MAX_CONTAINER_NAME_LENGTH,
  MAX_CONTAINERS_PER_SAMPLE,
  MAX_METRIC_NAMES,
  EARLIEST_SAMPLE_MS,
  LATEST_SAMPLE_MS,
  parseSeriesRows,
  type ContainerTable,
  type MetricsSample,
} from '@flotilla/contracts';
import { ByteReader, expectedText, UnexpectedText } from './byte-reader.ts';
import { RowHeads } from './row-heads.ts';

const SAMPLED_AT = expectedText('{"sampledAt":');
const CLOCK_OFFSET = expectedText(',"clockOffsetMs":');
const HOST = expectedText(',"host":{');
const CONTAINERS = expectedText(',"containers":{"metrics":');
const ROWS = expectedText(',"rows":[');
const SERIES = expectedText(',"series":');
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const CLOSE = 0x7d;
const CLOSE_BYTES = 1;

const hostNames: readonly string[] = hostMetricNames;
const hostKeys = hostMetricNames.map((name) => expectedText(`"${name}":`));
const hostMax = Float64Array.from(hostMetricNames, (name) => hostMetrics[name].max);
const containerNames: readonly string[] = containerMetricNames;
const containerMax = Float64Array.from(containerMetricNames, (name) => containerMetrics[name].max);
const CONTAINER_COLUMNS = containerMetricNames.length;
/** The list of names as an agent of this version has it, and the columns that its figures go to. */
const OWN_NAMES = expectedText(JSON.stringify(containerMetricNames));
const OWN_COLUMNS: readonly number[] = containerMetricNames.map((_, index) => index);

const UNKNOWN: readonly number[] = Array.from(
  { length: Math.max(hostMetricNames.length, CONTAINER_COLUMNS * MAX_CONTAINERS_PER_SAMPLE) },
  () => Number.NaN,
);
const NO_CONTAINERS: ContainerTable = { ids: [], names: [], values: [] };
const NO_SERIES = { series: [], refused: 0 };

interface KnownSample {
  readonly sample: MetricsSample;
  /** Series that could not be true. */
  readonly refused: number;
  /** How the containers' rows begin; what was given when they begin as expected. */
  readonly heads: RowHeads;
}

interface ContainerRows {
  readonly heads: RowHeads;
  readonly values: readonly number[];
}

/**
 * Reads a message that is just as an agent writes it, at several times the speed of `parseMetricsMessage` and with the same
 * result (a test compares them); null when anything about it is different: then `parseMetricsMessage` reads and judges it.
 */
export function parseKnownSample(body: Uint8Array, expected: RowHeads): KnownSample | null {
  try {
    return readMessage(new ByteReader(body), expected);
  } catch (error) {
    if (error instanceof UnexpectedText) return null;
    throw error;
  }
}

function readMessage(reader: ByteReader, expected: RowHeads): KnownSample | null {
  reader.expect(SAMPLED_AT);
  const sampledAt = reader.number();
  reader.expect(CLOCK_OFFSET);
  const offset = reader.number();
  const isTime = Number.isInteger(sampledAt) && sampledAt >= EARLIEST_SAMPLE_MS && sampledAt <= LATEST_SAMPLE_MS;
  if (!isTime || !(Number.isNaN(offset) || Number.isSafeInteger(offset))) return null;
  const host = reader.skip(HOST) ? readHost(reader) : null;
  const { heads, values } = reader.skip(CONTAINERS)
    ? readContainers(reader, expected)
    : { heads: expected, values: null };
  const { series, refused } = reader.skip(SERIES) ? readSeries(reader) : NO_SERIES;
  reader.expectByte(CLOSE);
  reader.expectEnd();
  const clockOffsetMs = Number.isNaN(offset) ? null : offset;
  const containers = values === null ? NO_CONTAINERS : { ids: heads.ids, names: heads.names, values };
  return { sample: { sampledAt, clockOffsetMs, host, containers, series }, refused, heads };
}

function readHost(reader: ByteReader): number[] {
  const values = buildUnknown(hostMetricNames.length);
  if (reader.skipByte(CLOSE)) return values;
  let next = 0;
  do {
    const column = readHostKey(reader, next);
    const value = reader.number();
    if (column < 0) continue;
    values[column] = checkValue(value, hostMax[column]);
    next = column + 1;
  } while (reader.skipByte(COMMA));
  reader.expectByte(CLOSE);
  return values;
}

/** The column that a figure belongs to, mostly the expected one; -1 for one of another version. */
function readHostKey(reader: ByteReader, expected: number): number {
  const key = hostKeys[expected];
  if (key !== undefined && reader.skip(key)) return expected;
  const name = reader.string();
  reader.expectByte(COLON);
  return hostNames.indexOf(name);
}

function readContainers(reader: ByteReader, expected: RowHeads): ContainerRows {
  const columns = reader.skip(OWN_NAMES) ? OWN_COLUMNS : readColumns(reader);
  reader.expect(ROWS);
  const start = reader.position;
  const count = expected.ids.length;
  const values = buildUnknown(CONTAINER_COLUMNS * count);
  if (count > 0 && readExpectedRows(reader, columns, values, expected)) return { heads: expected, values };
  reader.position = start;
  return readNewRows(reader, columns);
}

/** Reads rows into `values` when they begin as expected, all of them and no more; says whether they do. */
function readExpectedRows(
  reader: ByteReader,
  columns: readonly number[],
  values: number[],
  { text, ends }: RowHeads,
): boolean {
  let from = 0;
  for (let row = 0; row < ends.length; row += 1) {
    const end = ends[row] ?? 0;
    if (row > 0 && !reader.skipByte(COMMA)) return false;
    if (!reader.skipSame(text, from, end)) return false;
    readFigures(reader, columns, values, row * CONTAINER_COLUMNS);
    from = end;
  }
  return reader.skipByte(CLOSE_LIST) && reader.skipByte(CLOSE);
}

function readNewRows(reader: ByteReader, columns: readonly number[]): ContainerRows {
  const rows: { id: string; name: string; text: Uint8Array }[] = [];
  const values: number[] = [];
  if (!reader.skipByte(CLOSE_LIST)) {
    do {
      const from = rows.length * CONTAINER_COLUMNS;
      rows.push(readHead(reader));
      for (let column = 0; column < CONTAINER_COLUMNS; column += 1) values.push(Number.NaN);
      readFigures(reader, columns, values, from);
    } while (reader.skipByte(COMMA));
    reader.expectByte(CLOSE_LIST);
  }
  reader.expectByte(CLOSE);
  const heads = new RowHeads(rows);
  if (rows.length > MAX_CONTAINERS_PER_SAMPLE || new Set(heads.ids).size < rows.length) throw new UnexpectedText();
  return { heads, values };
}

function readHead(reader: ByteReader): { id: string; name: string; text: Uint8Array } {
  const start = reader.position;
  reader.expectByte(OPEN_LIST);
  const id = reader.string();
  reader.expectByte(COMMA);
  const name = reader.string();
  if (!CONTAINER_ID.test(id) || name.length > MAX_CONTAINER_NAME_LENGTH) throw new UnexpectedText();
  return { id, name, text: reader.bytesFrom(start) };
}

function readFigures(reader: ByteReader, columns: readonly number[], values: number[], from: number): void {
  for (let index = 0; reader.skipByte(COMMA); index += 1) {
    const value = reader.number();
    const column = columns[index] ?? -1;
    if (column >= 0) values[from + column] = checkValue(value, containerMax[column]);
  }
  reader.expectByte(CLOSE_LIST);
}

/** Room for figures of which none is known yet; a copy of a list is made many times as fast as the list. */
function buildUnknown(length: number): number[] {
  return UNKNOWN.slice(0, length);
}

/** Columns of the figures of an agent of another version; the first of two with one name counts. */
function readColumns(reader: ByteReader): number[] {
  const names: string[] = [];
  reader.expectByte(OPEN_LIST);
  if (!reader.skipByte(CLOSE_LIST)) {
    do names.push(reader.string());
    while (reader.skipByte(COMMA));
    reader.expectByte(CLOSE_LIST);
  }
  if (names.length > MAX_METRIC_NAMES) throw new UnexpectedText();
  return names.map((name, index) => (names.indexOf(name) < index ? -1 : containerNames.indexOf(name)));
}

/** Series have no columns to be scanned into: they are read as they always are. */
function readSeries(reader: ByteReader): ReturnType<typeof parseSeriesRows> {
  const rows = reader.json(CLOSE_BYTES);
  if (!Array.isArray(rows)) throw new UnexpectedText();
  return parseSeriesRows(rows);
}

/** @returns the value when it can be true; NaN stays what it is */
function checkValue(value: number, max: number | undefined): number {
  if (value < 0 || value > (max ?? 0)) throw new UnexpectedText();
  return value;
}
