import type { LoggedRequest } from './logged-request.ts';

/** One log's requests, some at a time, in the order of the file. */
export type RequestBatches = AsyncIterator<readonly LoggedRequest[]>;

interface Source {
  readonly batches: RequestBatches;
  batch: readonly LoggedRequest[];
  next: number;
}

/**
 * Gives the requests of several logs to `take` in the order of their time, and holds no more of each than a batch. A line
 * that stands a little too late in its own log comes as soon as it is read: nothing waits for the others.
 */
export async function mergeLogs(
  logs: readonly RequestBatches[],
  take: (request: LoggedRequest) => void,
): Promise<void> {
  const sources: Source[] = [];
  for (const batches of logs) {
    const source = { batches, batch: [], next: 0 };
    if (await refill(source)) sources.push(source);
  }
  while (sources.length > 0) {
    const empty = takeWhileFull(sources, take);
    if (!(await refill(empty))) sources.splice(sources.indexOf(empty), 1);
  }
}

/** Takes requests until one source's batch is at its end. @returns that source */
function takeWhileFull(sources: readonly Source[], take: (request: LoggedRequest) => void): Source {
  for (;;) {
    let earliest: { source: Source; request: LoggedRequest } | null = null;
    for (const source of sources) {
      const request = source.batch[source.next];
      if (request === undefined) return source;
      if (earliest === null || request.timeMs < earliest.request.timeMs) earliest = { source, request };
    }
    if (earliest === null) throw new Error('there is no log to read');
    earliest.source.next += 1;
    take(earliest.request);
  }
}

/** @returns whether there is more */
async function refill(source: Source): Promise<boolean> {
  for (;;) {
    const { done, value } = await source.batches.next();
    if (done === true) return false;
    if (value.length === 0) continue;
    source.batch = value;
    source.next = 0;
    return true;
  }
}
