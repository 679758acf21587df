import type { SuspicionClass } from '@flotilla/contracts';
import type { ClientVolume, SuspiciousRequests } from './observation.ts';
import { hashText } from './hash-text.ts';
import { isPage, plainPath } from './plain-path.ts';

const CHALLENGE_PATH = '/.well-known/acme-challenge/';
const NO_HASHES: readonly number[] = [];

/** One request of a log, classified. */
export interface ObservedRequest {
  readonly timeMs: number;
  readonly nodeId: string;
  /** A key as `clientKeyOf` gives it. */
  readonly client: string;
  readonly serviceId: string | null;
  readonly classes: readonly SuspicionClass[];
  readonly method: string | null;
  /** Without its query. */
  readonly path: string | null;
  readonly status: number | null;
  readonly userAgent: string | null;
  /** Whether its client sends so many that rules for volumes are to count them. */
  readonly isFast: boolean;
  readonly sample: string | null;
}

/** What is to be observed of a request by itself, in this order; agents tell the same of many at once. */
export function observationsOfRequest(request: ObservedRequest): (ClientVolume | SuspiciousRequests)[] {
  const { timeMs, nodeId, client, serviceId, method, path, status, userAgent, isFast, sample } = request;
  // A client's volume is told by `isFast`; as a class it would make every request of it suspicious.
  const classes = request.classes.filter((name) => name !== 'rate');
  const volume: ClientVolume = {
    of: 'volume',
    timeMs,
    nodeId,
    client,
    count: 1,
    ordinary: classes.length === 0 ? 1 : 0,
    isFast,
    pageHashes: path !== null && isFast ? hashesOf(path) : NO_HASHES,
    isSketch: false,
    hasFetchedChallenge: path !== null && isChallengeAnswer(path, status),
  };
  if (classes.length === 0) return [volume];
  return [
    volume,
    { of: 'suspicious', timeMs, nodeId, client, serviceId, classes, method, path, status, userAgent, count: 1, sample },
  ];
}

/**
 * Only an answered challenge spares a client: nobody but an authority knows which ones there are, while to ask for one that
 * is not there is in everybody's power.
 */
export function isChallengeAnswer(path: string, status: number | null): boolean {
  return status === 200 && path.startsWith(CHALLENGE_PATH);
}

function hashesOf(path: string): readonly number[] {
  const plain = plainPath(path);
  return isPage(plain) ? [hashText(plain)] : NO_HASHES;
}
