import type { ContainerSpec } from '@flotilla/contracts';
import { REPLICA_AGENT_LABEL, REPLICA_SERVICE_LABEL, REPLICA_SPECIFICATION_LABEL } from '../shared/replica-label.ts';

export interface ReplicaIdentity {
  readonly name: string;
  readonly agentId: string;
  readonly serviceId: string;
  readonly specification: string;
}

/** As Docker's API names things (POST /containers/create). */
export interface ContainerOptions {
  readonly name: string;
  readonly Image: string;
  readonly Entrypoint?: string[];
  readonly Cmd?: string[];
  readonly User?: string;
  readonly WorkingDir?: string;
  readonly Env: string[];
  readonly Labels: Record<string, string>;
  readonly StopSignal?: string;
  /** In seconds. */
  readonly StopTimeout: number;
  readonly HostConfig: {
    readonly RestartPolicy: { readonly Name: 'no' };
    readonly Mounts: { Type: 'bind' | 'volume'; Source: string; Target: string; ReadOnly: boolean }[];
    readonly NetworkMode?: string;
    readonly NanoCpus?: number;
    readonly Memory?: number;
  };
}

const NANO_CPUS_PER_CORE = 1e9;

/**
 * What Docker is told to make. Its own restart policy stays off: who restarts a replica is the one that knows whether it takes
 * requests. What the specification leaves open is the image's and the daemon's.
 */
export function planContainer(identity: ReplicaIdentity, spec: ContainerSpec): ContainerOptions {
  const { cpuLimit, memoryLimitBytes, network, stopSignal, stopGraceMs, user, workingDirectory } = spec;
  return {
    name: identity.name,
    Image: spec.image,
    ...(spec.entrypoint === null ? {} : { Entrypoint: spec.entrypoint }),
    ...(spec.command === null ? {} : { Cmd: spec.command }),
    ...(user === null ? {} : { User: user }),
    ...(workingDirectory === null ? {} : { WorkingDir: workingDirectory }),
    Env: spec.environment.map(({ name, value }) => `${name}=${value}`),
    Labels: {
      ...Object.fromEntries(spec.labels.map(({ name, value }) => [name, value])),
      [REPLICA_AGENT_LABEL]: identity.agentId,
      [REPLICA_SERVICE_LABEL]: identity.serviceId,
      [REPLICA_SPECIFICATION_LABEL]: identity.specification,
    },
    ...(stopSignal === null ? {} : { StopSignal: stopSignal }),
    StopTimeout: Math.ceil(stopGraceMs / 1000),
    HostConfig: {
      RestartPolicy: { Name: 'no' },
      Mounts: spec.volumes.map(({ source, target, readOnly }) => ({
        Type: source.startsWith('/') ? ('bind' as const) : ('volume' as const),
        Source: source,
        Target: target,
        ReadOnly: readOnly,
      })),
      ...(network === null ? {} : { NetworkMode: network }),
      ...(cpuLimit === null ? {} : { NanoCpus: Math.round(cpuLimit * NANO_CPUS_PER_CORE) }),
      ...(memoryLimitBytes === null ? {} : { Memory: memoryLimitBytes }),
    },
  };
}

/**
 * A name that says whose it is and clashes with no other's.
 * @param unique some letters and digits that nobody else has
 */
export function formatReplicaName(serviceId: string, unique: string): string {
  return `flotilla-${serviceId.slice(-12)}-${unique}`;
}
