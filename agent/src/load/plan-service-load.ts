import { MAX_CUSTOM_PER_REPLICA, type ReplicaLoad, type ServiceLoad } from '@flotilla/contracts';
import type { ContainerUse, CustomFigure, RunningReplica, ScaledService, ServiceTraffic } from './scaled-service.ts';

const PERCENT = 100;
const SECOND_MS = 1000;

/** What is known of one interval. */
export interface LoadReadings {
  readonly intervalMs: number;
  /** Its end by the Core's clock, milliseconds since the epoch. */
  readonly sampledAt: number;
  /** Null when nobody knows what came to the service. */
  readonly traffic: ServiceTraffic | null;
  /** Null for a container of which nothing is known. */
  readonly readUse: (containerId: string) => ContainerUse['values'] | null;
  readonly readCustom: (containerId: string) => readonly CustomFigure[];
  readonly hostMemoryBytes: number;
  /** The Core's clock less the host's. */
  readonly clockOffsetMs: number;
}

/** A service's load on this node. What is not known is null, never 0. */
export function planServiceLoad(service: ScaledService, readings: LoadReadings): ServiceLoad {
  const { traffic, intervalMs } = readings;
  const hasRequests = traffic !== null && traffic.requests > 0;
  return {
    serviceId: service.serviceId,
    scaleRevision: service.scaleRevision,
    wanted: service.wanted,
    replicas: service.replicas.map((replica) => planReplicaLoad(replica, service.cpuLimit, readings)),
    requestsPerSecond: traffic === null ? null : round((traffic.requests / intervalMs) * SECOND_MS),
    latencyP95Ms: hasRequests ? traffic.latencyP95Ms : null,
    serverErrorRatio: hasRequests ? round(traffic.serverErrors / traffic.requests) : null,
    // Little's law: what arrives in a second times how long it stays.
    inFlight: traffic === null ? null : round(traffic.atWorkMs / intervalMs),
  };
}

function planReplicaLoad(replica: RunningReplica, cpuLimit: number | null, readings: LoadReadings): ReplicaLoad {
  const { containerId, isReady, startedAt } = replica;
  const startedAtMs = startedAt === null ? Number.NaN : Date.parse(startedAt) + readings.clockOffsetMs;
  const { cpuPercent = null, memoryBytes = null, memoryLimitBytes = null } = readings.readUse(containerId) ?? {};
  return {
    id: containerId,
    isReady,
    startedAt: Number.isNaN(startedAtMs) ? readings.sampledAt : Math.round(startedAtMs),
    cpuRatio: cpuPercent === null ? null : round(cpuPercent / PERCENT / (cpuLimit ?? 1)),
    memoryRatio: memoryBytes === null ? null : round(memoryBytes / (memoryLimitBytes ?? readings.hostMemoryBytes)),
    custom: chooseCustom(readings.readCustom(containerId)),
  };
}

/** The first ones; of a name that two endpoints tell, the first counts. */
function chooseCustom(figures: readonly CustomFigure[]): Record<string, number> {
  const chosen = new Map<string, number>();
  for (const [name, value] of figures) {
    if (Number.isFinite(value) && chosen.size < MAX_CUSTOM_PER_REPLICA && !chosen.has(name)) chosen.set(name, value);
  }
  return Object.fromEntries(chosen);
}

/** To four places: more is noise, and bytes on the bus. */
function round(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
