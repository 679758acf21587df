import type { Logger } from '@flotilla/runtime';
import PQueue from 'p-queue';
import type { ContainerProcess } from '../../shared/container-process.ts';
import type { ContainerReading } from './container-reading.ts';
import { hasOwnNetwork, type ListedContainer } from './listed-container.ts';
import { planContainerValues, type TimedCounters } from './plan-container-values.ts';
import { readContainerCounters, type ContainerCounters } from './read-container-counters.ts';
import type { ReadStatistics, StatisticsTarget } from './read-docker-statistics.ts';

/** Docker answers one question in a few milliseconds; a restarted host asks about all its containers at once. */
const MAX_CALLS_IN_FLIGHT = 4;
/** A container that Docker could not tell about, or whose process is gone, is not asked for with each sample. */
const ASK_AGAIN_AFTER_MS = 30_000;

export interface ContainerSamplerDeps {
  readonly hostRoot: string;
  /** Asked for figures where the kernel's files do not tell them. */
  readonly dockerSocket: string;
  /** Null while Docker cannot be asked. */
  readonly listContainers: () => readonly ListedContainer[] | null;
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
  /** Whether its process runs and its files cannot be read. */
  needsStatistics: boolean;
}

/**
 * Samples containers from the kernel's files. Docker is asked once for each start of a container, for its process; which
 * containers there are comes from its events. Where the files cannot be read (an agent in a container without the host's
 * folders, or without the right to them), Docker is asked for statistics with each sample, and for the process from time to
 * time: the files are read as soon as they can be.
 */
export function createContainerSampler(deps: ContainerSamplerDeps): ContainerSampler {
  const { hostRoot, logger, signal } = deps;
  const known = new Map<string, KnownContainer>();
  const calls = new PQueue({ concurrency: MAX_CALLS_IN_FLIGHT });
  let statistics: Promise<ReadStatistics> | null = null;

  /** Most hosts never need it: then it is not loaded. */
  const readStatistics = async (container: StatisticsTarget): Promise<TimedCounters | null> => {
    statistics ??= openStatistics(deps.dockerSocket);
    return (await statistics)(container, signal);
  };

  /** Learns the process of a container that is new, or was started anew. */
  const learn = async (id: string, container: KnownContainer, nowMs: number): Promise<void> => {
    container.askedAtMs = nowMs;
    try {
      container.process = await deps.inspect(id, signal);
    } catch (err) {
      if (!signal.aborted) logger.debug({ err, container: id }, 'Docker does not tell about a container');
    }
  };

  const plan = (
    { observed: { id, name, health } }: ListedContainer,
    container: KnownContainer,
    current: TimedCounters,
  ): ContainerReading => {
    const values = planContainerValues(container.last, current, {
      restarts: container.process?.restarts ?? null,
      health,
    });
    container.last = current;
    return { id, name, values };
  };

  const read = (replica: ListedContainer, container: KnownContainer, monotonicMs: number): ContainerReading | null => {
    const { id } = replica.observed;
    const { process } = container;
    if (process === null) return null;
    const counters = readContainerCounters(hostRoot, { id, pid: process.pid, hasOwnNetwork: hasOwnNetwork(replica) });
    return counters === null || tellsNothing(counters) ? null : plan(replica, container, { monotonicMs, counters });
  };

  const askForStatistics = async (
    replica: ListedContainer,
    container: KnownContainer,
  ): Promise<ContainerReading | null> => {
    const { id } = replica.observed;
    try {
      const current = await readStatistics({ id, hasOwnNetwork: hasOwnNetwork(replica) });
      if (current !== null) return plan(replica, container, current);
      // It does not run any more.
      forget(container);
      return null;
    } catch (err) {
      if (!signal.aborted) logger.debug({ err, container: id }, 'Docker does not tell a container’s statistics');
      return null;
    }
  };

  /** For a container whose files told nothing; at most two questions to Docker. */
  const readSlowly = async (
    replica: ListedContainer,
    container: KnownContainer,
    monotonicMs: number,
  ): Promise<ContainerReading | null> => {
    const { id } = replica.observed;
    // Not known, started anew under another process, or perhaps readable by now.
    if (!container.needsStatistics || monotonicMs - container.askedAtMs > ASK_AGAIN_AFTER_MS) {
      // Counters of another process begin anew, too.
      if (!container.needsStatistics) forget(container);
      await calls.add(() => learn(id, container, monotonicMs));
      const reading = read(replica, container, monotonicMs);
      container.needsStatistics = reading === null && container.process !== null;
      if (reading !== null) return reading;
    }
    return container.needsStatistics ? askForStatistics(replica, container) : null;
  };

  return {
    sample: async ({ monotonicMs }) => {
      const replicas = deps.listContainers();
      if (replicas === null) return null;
      const running = replicas.filter(({ observed }) => observed.state === 'running');
      const ids = new Set(running.map(({ observed }) => observed.id));
      for (const id of known.keys()) if (!ids.has(id)) known.delete(id);

      const readings = await Promise.all(
        running.map(async (replica) => {
          const { id } = replica.observed;
          const container = known.get(id) ?? createKnown();
          known.set(id, container);
          const reading = container.needsStatistics ? null : read(replica, container, monotonicMs);
          if (reading !== null) return reading;
          // Without a process: it is not asked for with each sample.
          const isDue = container.process !== null || monotonicMs - container.askedAtMs > ASK_AGAIN_AFTER_MS;
          return isDue ? readSlowly(replica, container, monotonicMs) : null;
        }),
      );
      return readings.filter((reading) => reading !== null);
    },
  };
}

async function openStatistics(dockerSocket: string): Promise<ReadStatistics> {
  const { createStatisticsReader } = await import('./read-docker-statistics.ts');
  return createStatisticsReader(dockerSocket);
}

function createKnown(): KnownContainer {
  return { process: null, askedAtMs: -Infinity, last: null, needsStatistics: false };
}

function forget(container: KnownContainer): void {
  container.process = null;
  container.last = null;
  container.needsStatistics = false;
}

/** The process's files are there, and the mount of the control groups is not. */
function tellsNothing({ cpuNanoseconds, memoryBytes }: ContainerCounters): boolean {
  return cpuNanoseconds === null && memoryBytes === null;
}
