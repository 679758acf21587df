import type { Logger } from '@flotilla/runtime';
import type { MetricsEndpoint } from './plan-endpoints.ts';

/** Tells of changes, and not of each reading. */
export interface EndpointLog {
  readonly succeeded: (endpoint: MetricsEndpoint, left: number) => void;
  readonly failed: (endpoint: MetricsEndpoint, reason: string) => void;
  /** Whether its last reading failed. */
  readonly isFailing: (endpoint: MetricsEndpoint) => boolean;
  /** The keys of what is asked for now, and why some of it is not read. */
  readonly keep: (asked: ReadonlySet<string>, problems: readonly string[]) => void;
}

export function createEndpointLog(logger: Logger): EndpointLog {
  const states = new Map<string, { readonly isFailing: boolean; readonly isCut: boolean }>();
  let toldProblems = new Set<string>();

  return {
    succeeded: (endpoint, left) => {
      const before = states.get(endpoint.key);
      const isCut = left > 0;
      states.set(endpoint.key, { isFailing: false, isCut });
      if (before === undefined || before.isFailing) logger.info(describe(endpoint), 'custom metrics are read');
      if (isCut && before?.isCut !== true) {
        logger.warn({ ...describe(endpoint), left }, 'some custom metrics are left out: too many, or no figures');
      }
    },
    failed: (endpoint, reason) => {
      const before = states.get(endpoint.key);
      states.set(endpoint.key, { isFailing: true, isCut: before?.isCut ?? false });
      if (before?.isFailing !== true) {
        logger.warn({ ...describe(endpoint), reason }, 'custom metrics cannot be read; they are a gap until they can');
      }
    },
    isFailing: ({ key }) => states.get(key)?.isFailing === true,
    keep: (asked, problems) => {
      for (const key of states.keys()) if (!asked.has(key)) states.delete(key);
      for (const problem of problems) {
        if (!toldProblems.has(problem)) logger.warn({ problem }, 'custom metrics are asked for and not read');
      }
      toldProblems = new Set(problems);
    },
  };
}

/** Without the query, which may hold a key. */
function describe({ containerName, address, port, path }: MetricsEndpoint): object {
  return { container: containerName, address, port, path: path.replace(/\?.*$/, '?…') };
}
