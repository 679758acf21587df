import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { readRequest, type LineReader, type LoggedRequest, type LogOwner } from './logged-request.ts';
import { UsageError } from './read-options.ts';

const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const CHUNK_BYTES = 256 * 1024;
/** A longer line is read as its beginning. */
const MAX_LINE_BYTES = 1024 * 1024;

/** What is counted of a log besides its requests. */
export interface LogTally {
  lines: number;
  /** Lines without a time or an address: nothing can be said of them. */
  unreadable: number;
}

/**
 * Reads a log's requests, a chunk of the file at a time. What ends in `.gz` is unpacked.
 * @throws {UsageError} when the file cannot be read
 */
export async function* readLog(
  file: string,
  owner: LogOwner,
  reader: LineReader,
  tally: LogTally,
): AsyncGenerator<readonly LoggedRequest[], void> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of openLog(file)) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const requests: LoggedRequest[] = [];
    let start = 0;
    for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, start)) {
      readLine(bytes, start, end, requests);
      start = end + 1;
    }
    // Of a line without end only the beginning is kept.
    rest = bytes.subarray(start, start + MAX_LINE_BYTES);
    yield requests;
  }
  const last: LoggedRequest[] = [];
  if (rest.length > 0) readLine(rest, 0, rest.length, last);
  yield last;

  function readLine(bytes: Buffer, start: number, newline: number, requests: LoggedRequest[]): void {
    const end = newline > start && bytes[newline - 1] === CARRIAGE_RETURN ? newline - 1 : newline;
    tally.lines += 1;
    const request = readRequest(reader, owner, bytes, start, end);
    if (request === null) tally.unreadable += 1;
    else requests.push(request);
  }
}

/** @throws {UsageError} when it cannot be read, or unpacked */
async function* openLog(file: string): AsyncGenerator<Buffer, void> {
  try {
    yield* streamOf(file);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    throw new UsageError(`${file} cannot be read (${error.message}): what ends in .gz must be packed by gzip.`);
  }
}

function streamOf(file: string): AsyncIterable<Buffer> {
  const stream = createReadStream(file, { highWaterMark: CHUNK_BYTES });
  if (!file.endsWith('.gz')) return stream;
  const unpacked = createGunzip({ chunkSize: CHUNK_BYTES });
  stream.once('error', (error) => unpacked.destroy(error));
  return stream.pipe(unpacked);
}
