import { createRandom, type Random } from '@flotilla/contracts/testing';
import { describe, expect, it } from 'vitest';
import type { AccessRecord } from '../access-record.ts';
import { decideClasses } from '../classify/decide-classes.ts';
import { buildLine } from '../testing/build-line.ts';
import { escapeValue, formatCombined, formatJson } from '../testing/format-record.ts';
import { lineParsers, recogniseFormat, type LineFormat } from './line-parsers.ts';
import { UNREADABLE_RECORD } from './parse-flotilla-line.ts';

const BEGIN_MS = 1_780_000_000_000;
/** A million by `FLOTILLA_TEST_MUTATED_LINES=1000000`; fewer in an ordinary run, which has other things to do. */
const MUTATED_LINES = Number(process.env['FLOTILLA_TEST_MUTATED_LINES'] ?? 100_000);

/** What strangers write to shift a field. */
const PIECES = [
  '"',
  '\\',
  '\\"',
  '\\x22',
  '\\u0022',
  '" 200 5 "-" "-"',
  ' [10/Oct/2000:13:55:36 -0700] ',
  ' - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.1" 200 5',
  '","status":200,"x":"',
  '}',
  ' HTTP/1.1',
  '\n',
  '\r',
  '\t',
  '\b',
  '\u001b[31m',
  '\u0000',
  '\u007f',
  '\u009b',
  '-',
  ' ',
  'é',
  '😀',
  '\uFEFF',
  'null',
  'a',
  '/',
  '%22',
] as const;

function write(random: Random): string {
  return Array.from({ length: random.between(1, 12) }, () => random.pick(...PIECES)).join('');
}

function writeRecord(random: Random): AccessRecord {
  const orNone = (value: string) => (random.next() < 0.2 || value === '-' ? null : value);
  return {
    ...UNREADABLE_RECORD,
    timeMs: BEGIN_MS + random.between(0, 1_000_000) * 1000,
    remoteAddress: random.pick('192.0.2.7', '2001:db8::7'),
    remoteUser: orNone(write(random)),
    method: random.pick('GET', 'POST', 'PROPFIND'),
    uri: `/${write(random)}`,
    protocol: random.pick('HTTP/1.0', 'HTTP/1.1', 'HTTP/2.0'),
    status: random.between(100, 599),
    bytes: random.between(0, 1e12),
    referrer: orNone(write(random)),
    userAgent: orNone(write(random)),
    isWellFormed: true,
  };
}

function formatFlotilla(record: AccessRecord): string {
  return buildLine({
    time: ((record.timeMs ?? 0) / 1000).toFixed(3),
    client: record.remoteAddress ?? '-',
    status: String(record.status),
    bytes: String(record.bytes),
    method: record.method ?? '',
    requested: escapeValue(record.uri),
    protocol: record.protocol ?? '',
    referrer: escapeValue(record.referrer),
    userAgent: escapeValue(record.userAgent),
  });
}

const formatters: Record<LineFormat, (record: AccessRecord) => string> = {
  combined: formatCombined,
  json: formatJson,
  flotilla: formatFlotilla,
};
const formats = ['combined', 'json', 'flotilla'] as const;

describe('a line with what strangers wrote', () => {
  it.each(formats)('of %s gives it back, whatever it imitates', (format) => {
    const random = createRandom(format.length);
    for (let round = 0; round < 5000; round += 1) {
      const record = writeRecord(random);
      const line = Buffer.from(`x"\n${formatters[format](record)}\n"}`);
      const read = lineParsers[format](line, 3, line.length - 3);
      const { serviceId, requestMs, upstreamMs, upstream, requestId } = read;
      // The agent’s own format has no user, and more of the rest.
      const remoteUser = format === 'flotilla' ? null : record.remoteUser;
      expect(read).toEqual({ ...record, remoteUser, serviceId, requestMs, upstreamMs, upstream, requestId });
      expect(recogniseFormat(line, 3, line.length - 3)).toBe(format);
    }
  });
});

/** Changes of all sorts: bytes, pieces put in, taken out or doubled, another line behind, the end torn off. */
function mutate(random: Random, line: Buffer, other: Buffer): Buffer {
  let changed = Buffer.from(line);
  for (let change = random.between(1, 4); change > 0; change -= 1) {
    const from = random.between(0, changed.length);
    const to = Math.min(changed.length, from + random.between(0, 40));
    const [before, between, after] = [changed.subarray(0, from), changed.subarray(from, to), changed.subarray(to)];
    const kind = random.between(0, 5);
    if (kind === 0 && from < changed.length) changed[from] = random.between(0, 255);
    else if (kind === 1) changed = Buffer.concat([before, after]);
    else if (kind === 2) changed = Buffer.concat([before, between, between, after]);
    else if (kind === 3) changed = Buffer.concat([before, Buffer.from(write(random)), after]);
    else if (kind === 4) changed = Buffer.concat([before, other.subarray(random.between(0, other.length))]);
    else if (kind === 5) changed = Buffer.from(before);
  }
  // Now and then one that is very long.
  const isLong = random.between(0, 5000) === 0;
  return isLong ? Buffer.concat([changed, Buffer.alloc(65_536, random.pick('\\', '"', '%2', 'a', '{'))]) : changed;
}

function isSound(record: AccessRecord): boolean {
  if (!record.isWellFormed) return record === UNREADABLE_RECORD;
  const { timeMs, remoteAddress, status, bytes, uri, method } = record;
  return (
    Number.isSafeInteger(timeMs) &&
    remoteAddress !== null &&
    remoteAddress !== '' &&
    (status === null || (Number.isInteger(status) && status >= 0 && status <= 999)) &&
    (bytes === null || (Number.isSafeInteger(bytes) && bytes >= 0)) &&
    (uri === null) === (method === null)
  );
}

describe('a line that is broken', () => {
  it('ends no parser, gives no value that is none, and takes no time', { timeout: 600_000 }, () => {
    const random = createRandom(20_261_123);
    const unsound: string[] = [];
    const tookMs: number[] = [];
    let readable = 0;
    for (let round = 0; round < MUTATED_LINES; round += 1) {
      const format = random.pick(...formats);
      const [line, other] = [0, 1].map(() =>
        Buffer.from(formatters[random.pick(format, format, ...formats)](writeRecord(random))),
      );
      const broken = mutate(random, line ?? Buffer.alloc(0), other ?? Buffer.alloc(0));
      const startedAt = performance.now();
      const record = lineParsers[format](broken, 0, broken.length);
      const classes = decideClasses(record);
      tookMs.push(performance.now() - startedAt);
      if (record.isWellFormed) readable += 1;
      if (!isSound(record) || (!record.isWellFormed && classes.length > 0)) unsound.push(broken.toString('latin1'));
    }
    expect(unsound).toEqual([]);
    expect(tookMs.toSorted((one, another) => one - another)[Math.floor(tookMs.length * 0.99)]).toBeLessThan(1);
    // The control: neither are all of them refused, nor none.
    expect(readable).toBeGreaterThan(MUTATED_LINES / 20);
    expect(readable).toBeLessThan((MUTATED_LINES * 19) / 20);
  });
});
