import { getPipeline, listDeadLetters, type Pipeline } from '@flotilla/contracts';
import { listSpoolStates, readStorageState, type DatabaseSession } from '@flotilla/core-db';
import type { Logger } from '@flotilla/runtime';
import { handle, Unavailable, type BoundRoute } from '../http/index.ts';
import type { LateBus } from '../shared/late-bus.ts';
import { readDeadLetters } from './read-dead-letters.ts';
import { readStreams } from './read-streams.ts';
import type { WorkerReports } from './worker-reports.ts';

const MAX_SPOOLS = 100;
/** Ten open dashboards ask for the same as one. */
const FRESH_FOR_MS = 1500;
const RETRY_AFTER_SECONDS = 5;

export interface PipelineRoutesDeps {
  readonly database: DatabaseSession;
  readonly bus: Pick<LateBus, 'connection'>;
  readonly workers: WorkerReports;
  readonly log: Logger;
  readonly now: () => Date;
}

type ShownPipeline = Omit<Pipeline, 'spools' | 'storage'> & {
  readonly spools: Awaited<ReturnType<typeof listSpoolStates>>;
  readonly storage: Awaited<ReturnType<typeof readStorageState>>;
};

export function pipelineRoutes(deps: PipelineRoutesDeps): BoundRoute[] {
  const read = keepFresh(() => readPipeline(deps), deps.now);
  return [
    handle(getPipeline, read),
    handle(listDeadLetters, async ({ query }) => {
      const bus = deps.bus.connection;
      if (bus === null) throw away(new Error('not connected to the bus'));
      try {
        return await readDeadLetters(bus, query.limit);
      } catch (error) {
        throw away(error);
      }
    }),
  ];
}

function away(cause: unknown): Unavailable {
  return new Unavailable('Dead letters are kept on the bus, which does not answer now.', RETRY_AFTER_SECONDS, cause);
}

async function readPipeline({ database, bus, workers, log }: PipelineRoutesDeps): Promise<ShownPipeline> {
  const [streams, spools, storage] = await Promise.all([
    tryStreams(bus, log),
    listSpoolStates(database, MAX_SPOOLS),
    readStorageState(database),
  ]);
  return { ...streams, workers: workers.list(), spools, storage };
}

/** What the bus says, or why it says nothing: a page of zeros would be a lie. */
async function tryStreams(
  { connection }: PipelineRoutesDeps['bus'],
  log: Logger,
): Promise<Pick<Pipeline, 'streams' | 'busProblem'>> {
  if (connection === null) return { streams: null, busProblem: 'core-api is not connected to the bus' };
  try {
    return { streams: await readStreams(connection), busProblem: null };
  } catch (err) {
    log.warn({ err }, 'cannot read the state of the streams');
    return { streams: null, busProblem: err instanceof Error ? err.message : String(err) };
  }
}

/** Shares one reading among those who ask within a moment. A failed one is not kept. */
function keepFresh<Value>(read: () => Promise<Value>, now: () => Date): () => Promise<Value> {
  let last: { readonly value: Promise<Value>; readonly atMs: number } | null = null;
  return async () => {
    if (last === null || now().getTime() - last.atMs > FRESH_FOR_MS) last = { value: read(), atMs: now().getTime() };
    const current = last;
    try {
      return await current.value;
    } catch (error) {
      if (last === current) last = null;
      throw error;
    }
  };
}
