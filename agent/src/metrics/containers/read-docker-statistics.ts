import { request } from 'node:http';
import { totalmem } from 'node:os';
import { text } from 'node:stream/consumers';
import PQueue from 'p-queue';
import { parseDockerStatistics } from './parse-docker-statistics.ts';
import type { TimedCounters } from './plan-container-values.ts';

/** Docker may take a second for one answer, and gives many in that second: a hundred containers take four. */
const MAX_CALLS_IN_FLIGHT = 25;
/** What has not answered by then is left out of the sample, which must not wait for the slowest. */
const ROUND_MS = 4000;
const OK = 200;
const NOT_FOUND = 404;

export interface StatisticsTarget {
  readonly id: string;
  readonly hasOwnNetwork: boolean;
}

/** Counters of a container by Docker; null when it does not run. Rejects when Docker does not answer in time. */
export type ReadStatistics = (container: StatisticsTarget, signal: AbortSignal) => Promise<TimedCounters | null>;

/**
 * Asks Docker for one-shot statistics: where the kernel's files of other processes cannot be read, as in a container without
 * the host's folders. Costs Docker much more than the files, so it is only loaded where it is needed.
 */
export function createStatisticsReader(socketPath: string): ReadStatistics {
  const calls = new PQueue({ concurrency: MAX_CALLS_IN_FLIGHT });
  const hostMemoryBytes = totalmem();
  return async ({ id, hasOwnNetwork }, signal) => {
    const bounded = AbortSignal.any([signal, AbortSignal.timeout(ROUND_MS)]);
    return calls.add(async () => {
      bounded.throwIfAborted();
      const answer = await ask(socketPath, `/containers/${id}/stats?stream=false&one-shot=true`, bounded);
      if (answer === null) return null;
      // Docker answers when it has read: so this is when the counters were what they are.
      const monotonicMs = performance.now();
      const counters = parseDockerStatistics(answer, { hasOwnNetwork, hostMemoryBytes });
      return counters === null ? null : { monotonicMs, counters };
    });
  };
}

/** Null for what Docker does not know. */
function ask(socketPath: string, path: string, signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const asking = request({ socketPath, path, signal, agent: false }, (response) => {
      const answer = text(response).then((body): unknown => {
        if (response.statusCode === NOT_FOUND) return null;
        if (response.statusCode !== OK) throw new Error(`Docker answers ${response.statusCode} to ${path}`);
        return JSON.parse(body);
      });
      answer.then(resolve, reject);
    });
    asking.on('error', reject);
    asking.end();
  });
}
