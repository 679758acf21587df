import type { SuspicionClass } from '@flotilla/contracts';

/** Requests of one client at one node that are alike, and suspicious. */
export interface SuspiciousRequests {
  readonly of: 'suspicious';
  /** Of the last of them: event time, never a clock's. */
  readonly timeMs: number;
  readonly nodeId: string;
  /** A key as `clientKeyOf` gives it. */
  readonly client: string;
  readonly serviceId: string | null;
  readonly classes: readonly SuspicionClass[];
  readonly method: string | null;
  /** Without its query; null when there was none to read, or it is not told. */
  readonly path: string | null;
  readonly status: number | null;
  readonly userAgent: string | null;
  readonly count: number;
  /** The line of one of them, if there is one to show. */
  readonly sample: string | null;
}

/** All requests of one client at one node in a span of time, suspicious or not. */
export interface ClientVolume {
  readonly of: 'volume';
  /** The span's end. */
  readonly timeMs: number;
  readonly nodeId: string;
  readonly client: string;
  readonly count: number;
  /** Those of them that nothing was suspicious about. */
  readonly ordinary: number;
  /** Whether it sent so many that rules for volumes are to count them. */
  readonly isFast: boolean;
  /** Hashes of the distinct pages among them, the smallest ones when there are too many. */
  readonly pageHashes: readonly number[];
  /** Whether `pageHashes` are only the smallest. */
  readonly isSketch: boolean;
  readonly hasFetchedChallenge: boolean;
}

export type Observation = SuspiciousRequests | ClientVolume;

/** A node's traffic of the last ten minutes, to compare with what a rule would refuse. */
export interface NodeTraffic {
  readonly timeMs: number;
  readonly nodeId: string;
  readonly ordinaryRequests: number;
  readonly clients: number;
}
