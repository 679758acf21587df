import { MAX_SAMPLE_LENGTH, type SuspicionClass } from '@flotilla/contracts';
import type { AccessRecord } from '../access-record.ts';
import { clientHigh, clientLow, formatClientKey } from '../addresses/client-network.ts';
import { parseAddress } from '../addresses/parse-address.ts';
import { pathOfUri } from '../rules/plain-path.ts';

const decoder = new TextDecoder();

/** A line of a node's log, as far as the limiter and the rules look at it. */
export interface LoggedRequest {
  readonly timeMs: number;
  readonly nodeId: string;
  readonly client: string;
  readonly clientHigh: number;
  readonly clientLow: number;
  readonly serviceId: string | null;
  readonly classes: readonly SuspicionClass[];
  readonly method: string | null;
  readonly path: string | null;
  readonly status: number | null;
  readonly userAgent: string | null;
  /** The line, for what is suspicious. */
  readonly sample: string | null;
}

/** How lines become requests. */
export interface LineReader {
  readonly parse: (bytes: Uint8Array, start: number, end: number) => AccessRecord;
  readonly classify: (record: AccessRecord) => readonly SuspicionClass[];
}

/** Whose log it is. */
export interface LogOwner {
  readonly nodeId: string;
  /** Null when the lines say it themselves, or nobody does. */
  readonly serviceId: string | null;
}

/** Reads one line; null when it says neither when it was nor whose it is. */
export function readRequest(
  { parse, classify }: LineReader,
  owner: LogOwner,
  bytes: Uint8Array,
  start: number,
  end: number,
): LoggedRequest | null {
  const record = parse(bytes, start, end);
  const { timeMs, remoteAddress, method, uri, status, userAgent } = record;
  const words = remoteAddress === null ? null : parseAddress(remoteAddress);
  if (timeMs === null || words === null) return null;
  const classes = classify(record);
  return {
    timeMs,
    nodeId: owner.nodeId,
    client: formatClientKey(words),
    clientHigh: clientHigh(words),
    clientLow: clientLow(words),
    serviceId: record.serviceId ?? owner.serviceId,
    classes,
    method,
    path: uri === null ? null : pathOfUri(uri),
    status,
    userAgent,
    sample: classes.length === 0 ? null : sampleOf(bytes, start, end),
  };
}

function sampleOf(bytes: Uint8Array, start: number, end: number): string {
  return decoder.decode(bytes.subarray(start, Math.min(end, start + MAX_SAMPLE_LENGTH)));
}
