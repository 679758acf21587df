import { totalmem } from 'node:os';
import { LOAD_INTERVAL_MS, subjects } from '@flotilla/contracts';
import { runPeriodically, type BusConnection, type Logger } from '@flotilla/runtime';
import type { CoreClock } from '../shared/core-clock.ts';
import { TelemetryPublisher, type TelemetryStats } from '../shared/telemetry-publisher.ts';
import { chooseNextTime } from '../shared/choose-next-time.ts';
import { planLoadMessages } from './plan-load-messages.ts';
import { planServiceLoad } from './plan-service-load.ts';
import type { ContainerUse, CustomFigure, ScaledService, ServiceTraffic } from './scaled-service.ts';

/** So long the first samples wait to learn the Core's time, unless the Core is away. */
const CLOCK_WAIT_MS = 10_000;

export interface LoadDeps {
  readonly agentId: string;
  /** The services that have replicas here; null while that is not known, which is not "none". */
  readonly readServices: () => readonly ScaledService[] | null;
  /** What containers use, measured since the call before; null while Docker is away. */
  readonly sampleContainers: (at: { readonly monotonicMs: number }) => Promise<readonly ContainerUse[] | null>;
  /** What a container's application told last; none when it tells nothing, or failed to. */
  readonly readCustom: (containerId: string) => readonly CustomFigure[];
  /**
   * What came since the call before, and begins anew; null when nobody knows. A service that was not counted is not in it.
   * @param serviceIds to be counted from now on
   */
  readonly takeTraffic: (serviceIds: readonly string[]) => ReadonlyMap<string, ServiceTraffic> | null;
  readonly clock: CoreClock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  /** Default 5 s. */
  readonly intervalMs?: number;
}

export interface Load {
  /** The bus is there (also: again), or is gone. */
  readonly setBus: (bus: BusConnection | null) => void;
  readonly figures: () => TelemetryStats;
  /** Resolves when the signal has aborted and nothing runs any more. */
  readonly finished: Promise<void>;
}

/**
 * The load of services with replicas, for the workers that decide their number:
 *
 *     every 5 s: replicas, their containers, requests ─▶ load of each service ─▶ a message for each partition ─▶ LOAD
 */
export function startLoad(deps: LoadDeps): Load {
  const { readServices, takeTraffic, clock, logger, signal } = deps;
  const intervalMs = deps.intervalMs ?? LOAD_INTERVAL_MS;
  const { agentId } = deps;
  // What comes next takes its place.
  const publisher = new TelemetryPublisher({ agentId, what: 'load samples', answerWithinMs: 0.9 * intervalMs, logger });
  const hostMemoryBytes = totalmem();
  const startedAtMs = performance.now();
  let beganAtMs: number | null = null;
  let lastMs = 0;

  const sample = async (): Promise<void> => {
    const monotonicMs = performance.now();
    const sampledMs = beganAtMs === null ? null : Math.round(monotonicMs - beganAtMs);
    beganAtMs = monotonicMs;
    const services = readServices();
    const traffic = takeTraffic(services?.map(({ serviceId }) => serviceId) ?? []);
    const [nowMs, clockOffsetMs] = [clock.now(), clock.offsetMs()];
    const containers = services === null || services.length === 0 ? null : await deps.sampleContainers({ monotonicMs });
    // The first look is where the next one's figures begin.
    if (sampledMs === null || services === null || services.length === 0) return;
    if (clockOffsetMs === null && performance.now() - startedAtMs < CLOCK_WAIT_MS) return;

    const sampledAt = chooseNextTime(nowMs, lastMs);
    const uses = new Map(containers?.map(({ id, values }) => [id, values]));
    const loads = services.map((service) =>
      planServiceLoad(service, {
        intervalMs: sampledMs,
        sampledAt,
        traffic: traffic?.get(service.serviceId) ?? null,
        readUse: (containerId) => uses.get(containerId) ?? null,
        readCustom: deps.readCustom,
        hostMemoryBytes,
        clockOffsetMs: clockOffsetMs ?? 0,
      }),
    );
    const messages = planLoadMessages(loads, { sampledAt, intervalMs: sampledMs });
    lastMs = messages.at(-1)?.message.sampledAt ?? lastMs;
    publisher.publish(
      messages.map(({ partition, message }) => ({ subject: subjects.load(partition, agentId), body: message })),
    );
  };

  const loop = runPeriodically(sample, {
    intervalMs,
    jitter: 0,
    maxBackoffMs: intervalMs,
    signal,
    onError: (err, failures) => {
      if (failures === 1) logger.error({ err }, 'the load of services could not be sampled; the next sample is taken');
    },
  });

  return {
    setBus: (bus) => publisher.setConnection(bus?.nats ?? null),
    figures: () => publisher.stats,
    finished: loop.finished.then(() => publisher.setConnection(null)),
  };
}
