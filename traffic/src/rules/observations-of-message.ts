import { PATH_SKETCH_SIZE, suspicionClass, type Suspect, type SuspectsMessage } from '@flotilla/contracts';
import type { ClientVolume, NodeTraffic, Observation, SuspiciousRequests } from './observation.ts';

/** What a message may be older than the time it was received at; its stream keeps nothing longer. */
const MAX_AGE_MS = 3_600_000;

export interface MessageObservations {
  /** Null when the node did not tell. */
  readonly node: NodeTraffic | null;
  /** In the order in which they are to be observed. */
  readonly observations: readonly Observation[];
}

/**
 * What one agent's message says, as observations.
 * @param nodeId from the subject, which the server enforced
 * @param receivedAtMs when the stream took it: nothing in it can be later, whatever the agent says
 */
export function observationsOfMessage(
  message: SuspectsMessage,
  nodeId: string,
  receivedAtMs: number,
): MessageObservations {
  const clamp = (timeMs: number) => Math.max(receivedAtMs - MAX_AGE_MS, Math.min(timeMs, receivedAtMs));
  const sampledAtMs = clamp(message.sampledAt);
  return {
    node: message.node === null ? null : { timeMs: sampledAtMs, nodeId, ...message.node },
    observations: message.suspects.flatMap((suspect) => [
      volumeOf(suspect, nodeId, sampledAtMs),
      ...requestsOf(suspect, nodeId, clamp),
      ...othersOf(suspect, nodeId, sampledAtMs),
    ]),
  };
}

function volumeOf(suspect: Suspect, nodeId: string, timeMs: number): ClientVolume {
  const { client, entries, others, requests, pathHashes, hasFetchedChallenge } = suspect;
  const counted = entries.filter(({ classes }) => classes.some((name) => name !== 'rate'));
  const inEntries = counted.reduce((sum, { count }) => sum + count, 0);
  // A request with two classes is in both counts: at least so many there are as in the greatest.
  const beyond = Math.max(0, ...Object.entries(others).map(([name, count]) => (name === 'rate' ? 0 : count)));
  return {
    of: 'volume',
    timeMs,
    nodeId,
    client,
    count: requests,
    ordinary: Math.max(0, requests - inEntries - beyond),
    isFast: (others.rate ?? 0) > 0 || entries.some(({ classes }) => classes.includes('rate')),
    pageHashes: pathHashes,
    isSketch: pathHashes.length === PATH_SKETCH_SIZE,
    hasFetchedChallenge,
  };
}

function requestsOf(suspect: Suspect, nodeId: string, clamp: (timeMs: number) => number): SuspiciousRequests[] {
  // The agent keeps them by how often they were seen; windows want them by time.
  return suspect.entries
    .toSorted((one, other) => one.lastAt - other.lastAt)
    .map((entry, index) => ({
      of: 'suspicious',
      timeMs: clamp(entry.lastAt),
      nodeId,
      client: suspect.client,
      serviceId: entry.serviceId,
      classes: entry.classes.filter((name) => name !== 'rate'),
      method: entry.method,
      path: entry.path,
      status: entry.status,
      userAgent: entry.userAgent,
      count: entry.count,
      sample: suspect.samples[index] ?? null,
    }));
}

/** Requests that are only counted: rules that ask for no path, status or method see them. */
function othersOf({ client, others }: Suspect, nodeId: string, timeMs: number): SuspiciousRequests[] {
  return suspicionClass.options
    .filter((name) => name !== 'rate' && (others[name] ?? 0) > 0)
    .map((name) => ({
      of: 'suspicious',
      timeMs,
      nodeId,
      client,
      serviceId: null,
      classes: [name],
      method: null,
      path: null,
      status: null,
      userAgent: null,
      count: others[name] ?? 0,
      sample: null,
    }));
}
