import type { ContainerMetric, MetricValue, ObservedContainer } from '@flotilla/contracts';
import type { Logger } from '@flotilla/runtime';
import PQueue from 'p-queue';
import { planContainerValues, type TimedCounters } from './plan-container-values.ts';
import { readContainerCounters } from './read-container-counters.ts';

/** Docker answers one question in a few milliseconds; a restarted host asks about all its containers at once. */
const MAX_CALLS_IN_FLIGHT = 4;
/** A container that Docker could not tell about, or whose process is gone, is not asked for with each sample. */
const ASK_AGAIN_AFTER_MS = 30_000;

/** What the sampler has to know of a container. */
export interface ListedContainer {
  readonly observed: Pick<ObservedContainer, 'id' | 'name' | 'state' | 'health'>;
  /** Docker's network mode: a network's name, `host`, `none` or `container:<id>`. */
  readonly networkMode: string;
}

/** The main process of a running container. */
export interface ContainerProcess {
  readonly pid: number;
  /** By Docker's restart policy, since the container was made. */
  readonly restarts: number | null;
}

export interface ContainerReading {
  readonly id: string;
  readonly name: string;
  readonly values: Record<ContainerMetric, MetricValue>;
}

export interface ContainerSamplerDeps {
  readonly hostRoot: string;
  /** Null while Docker cannot be asked. */
  readonly listReplicas: () => readonly ListedContainer[] | null;
  /** Asks Docker for a container's process; null when it has none. */
  readonly inspect: (id: string, signal: AbortSignal) => Promise<ContainerProcess | null>;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

export interface ContainerSampler {
  /** Figures of all running containers; null while Docker is away. Never rejects. */
  readonly sample: (at: { readonly monotonicMs: number }) => Promise<readonly ContainerReading[] | null>;
}

/** What is remembered of a container between two samples. */
interface KnownContainer {
  process: ContainerProcess | null;
  askedAtMs: number;
  last: TimedCounters | null;
}

/**
 * Samples containers from the kernel's files. Docker is asked once for each start of a container, for its process; which
 * containers there are comes from its events.
 */
export function createContainerSampler(deps: ContainerSamplerDeps): ContainerSampler {
  const { hostRoot, logger, signal } = deps;
  const known = new Map<string, KnownContainer>();
  const calls = new PQueue({ concurrency: MAX_CALLS_IN_FLIGHT });

  /** Learns the process of a container that is new, or was started anew. */
  const learn = async (id: string, container: KnownContainer, nowMs: number): Promise<void> => {
    container.askedAtMs = nowMs;
    try {
      container.process = await deps.inspect(id, signal);
    } catch (err) {
      if (!signal.aborted) logger.debug({ err, container: id }, 'Docker does not tell about a container');
    }
  };

  const read = (replica: ListedContainer, container: KnownContainer, monotonicMs: number): ContainerReading | null => {
    const { id, name, health } = replica.observed;
    const { process } = container;
    if (process === null) return null;
    const counters = readContainerCounters(hostRoot, { id, pid: process.pid, hasOwnNetwork: hasOwnNetwork(replica) });
    if (counters === null) {
      // Started anew, under another process: counters begin anew, too.
      container.process = null;
      container.last = null;
      return null;
    }
    const current = { monotonicMs, counters };
    const values = planContainerValues(container.last, current, { restarts: process.restarts, health });
    container.last = current;
    return { id, name, values };
  };

  return {
    sample: async ({ monotonicMs }) => {
      const replicas = deps.listReplicas();
      if (replicas === null) return null;
      const running = replicas.filter(({ observed }) => observed.state === 'running');
      const ids = new Set(running.map(({ observed }) => observed.id));
      for (const id of known.keys()) if (!ids.has(id)) known.delete(id);

      const found = new Map<string, ContainerReading>();
      const asked: (() => Promise<void>)[] = [];
      for (const replica of running) {
        const { id } = replica.observed;
        const container = known.get(id) ?? { process: null, askedAtMs: -Infinity, last: null };
        known.set(id, container);
        const wasKnown = container.process !== null;
        const reading = read(replica, container, monotonicMs);
        if (reading !== null) found.set(id, reading);
        else if (wasKnown || monotonicMs - container.askedAtMs > ASK_AGAIN_AFTER_MS) {
          asked.push(async () => {
            await learn(id, container, monotonicMs);
            const late = read(replica, container, monotonicMs);
            if (late !== null) found.set(id, late);
          });
        }
      }
      await calls.addAll(asked);
      return running.flatMap(({ observed }) => found.get(observed.id) ?? []);
    },
  };
}

/** A container that shares the host's interfaces, or another container's, would count their traffic once more. */
function hasOwnNetwork({ networkMode }: ListedContainer): boolean {
  return networkMode !== 'host' && networkMode !== 'none' && !networkMode.startsWith('container:');
}
