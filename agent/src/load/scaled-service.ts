/** A service's replicas on this node, as who runs them knows them. */
export interface ScaledService {
  readonly serviceId: string;
  /** The newest change of their number that was taken up, and that number. */
  readonly scaleRevision: number;
  readonly wanted: number;
  /** Cores that each of its replicas may use; null without a limit. */
  readonly cpuLimit: number | null;
  /** Those that take requests, or are on their way to it; not those on their way out. */
  readonly replicas: readonly RunningReplica[];
}

export interface RunningReplica {
  /** Docker's full id. */
  readonly containerId: string;
  /** It takes requests: its health check has passed, and no other has failed since. */
  readonly isReady: boolean;
  /** By the host's clock, as Docker tells it; null while it is so young that nobody has asked. */
  readonly startedAt: string | null;
}

/** What came to a service in an interval. */
export interface ServiceTraffic {
  readonly requests: number;
  /** Of these, the ones answered with 5xx. */
  readonly serverErrors: number;
  /** Time that its targets took for them, together. */
  readonly atWorkMs: number;
  /** Null without requests. */
  readonly latencyP95Ms: number | null;
}

/** What one container uses; null, or missing, for what is not known. */
export interface ContainerUse {
  readonly id: string;
  readonly values: {
    /** 100 is one core. */
    readonly cpuPercent?: number | null;
    readonly memoryBytes?: number | null;
    /** Null without a limit. */
    readonly memoryLimitBytes?: number | null;
  };
}

/** A figure that a replica's application tells. */
export type CustomFigure = readonly [name: string, value: number];
