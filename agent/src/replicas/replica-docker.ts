import type { ContainerSpec } from '@flotilla/contracts';
import { withinBound } from '@flotilla/runtime';
import Docker from 'dockerode';
import { REPLICA_AGENT_LABEL, REPLICA_SERVICE_LABEL, REPLICA_SPECIFICATION_LABEL } from '../shared/replica-label.ts';
import { planContainer, type ReplicaIdentity } from './plan-container.ts';

const REQUEST_TIMEOUT_MS = 30_000;
/** A large image over a slow line. */
const PULL_TIMEOUT_MS = 900_000;
/** The longest grace that the contracts allow, and what Docker takes beyond it. */
const STOP_TIMEOUT_MS = 630_000;
const LAST_LINES = 5;
const MAX_LOG_BYTES = 65_536;
/** So that it fits into a replica's reason. */
const MAX_HEALTH_OUTPUT = 200;

/** A container that this agent made for a service, before its last start or after it. */
export interface ReplicaContainer {
  readonly id: string;
  readonly name: string;
  readonly serviceId: string;
  readonly specification: string;
  readonly isRunning: boolean;
}

export interface ReplicaDetails {
  readonly isRunning: boolean;
  readonly pid: number;
  /** Address on the network that nginx reaches it on; null without one. */
  readonly address: string | null;
  /** By the image's own HEALTHCHECK; null without one. */
  readonly health: 'healthy' | 'unhealthy' | 'starting' | null;
  /** The last that this check wrote; null for nothing. */
  readonly healthOutput: string | null;
  readonly exitCode: number;
  readonly wasOutOfMemory: boolean;
  /** Null without a limit. */
  readonly memoryLimitBytes: number | null;
  /** Docker's own words, when it could not run it. */
  readonly error: string;
  readonly startedAt: string;
}

/** Docker as far as replicas are made and ended by it. Only containers with this agent's labels are ever touched. */
export interface ReplicaDocker {
  readonly listReplicas: (signal: AbortSignal) => Promise<ReplicaContainer[]>;
  /** Null when it is not there. */
  readonly inspect: (id: string, signal: AbortSignal) => Promise<ReplicaDetails | null>;
  /** Gets the image when it has to be got. @throws Error in the registry's words */
  readonly ensureImage: (spec: ContainerSpec, signal: AbortSignal) => Promise<void>;
  /** @returns Docker's id */
  readonly create: (
    identity: Omit<ReplicaIdentity, 'agentId'>,
    spec: ContainerSpec,
    signal: AbortSignal,
  ) => Promise<string>;
  readonly start: (id: string, signal: AbortSignal) => Promise<void>;
  /** By the container's own signal and grace. Content when it does not run, or is gone. */
  readonly stop: (id: string, signal: AbortSignal) => Promise<void>;
  /** Content when it is gone. */
  readonly remove: (id: string, signal: AbortSignal) => Promise<void>;
  /** The last lines that it wrote, without control characters; empty when they cannot be read. */
  readonly readLastLines: (id: string, signal: AbortSignal) => Promise<string[]>;
}

export function createReplicaDocker(socketPath: string, agentId: string): ReplicaDocker {
  const docker = new Docker({ socketPath });
  const bounded = (signal: AbortSignal, ms = REQUEST_TIMEOUT_MS) => AbortSignal.any([signal, AbortSignal.timeout(ms)]);

  /** @throws Error when it is somebody else's */
  const findOwn = async (id: string, signal: AbortSignal): Promise<Docker.ContainerInspectInfo | null> => {
    const found = await orNull(docker.getContainer(id).inspect({ abortSignal: bounded(signal) }), [404]);
    if (found === null) return null;
    if (found.Config.Labels[REPLICA_AGENT_LABEL] === agentId) return found;
    throw new Error(`container ${id.slice(0, 12)} is none of this agent’s replicas, and is left alone`);
  };

  const pull = async ({ image, registry }: ContainerSpec, signal: AbortSignal): Promise<void> => {
    const credentials = registry === null ? {} : { authconfig: { ...registry, serveraddress: registryOf(image) } };
    const abortSignal = bounded(signal, PULL_TIMEOUT_MS);
    const progress = await docker.pull(withTag(image), { ...credentials, abortSignal });
    await new Promise<void>((resolve, reject) => {
      docker.modem.followProgress(progress, (error: Error | null) => (error === null ? resolve() : reject(error)));
    });
  };

  return {
    listReplicas: async (signal) => {
      const filters = { label: [`${REPLICA_AGENT_LABEL}=${agentId}`] };
      const found = await docker.listContainers({ all: true, filters, abortSignal: bounded(signal) });
      return found.map(({ Id, Names, State, Labels }) => ({
        id: Id,
        name: (Names[0] ?? Id.slice(0, 12)).replace(/^\//, ''),
        serviceId: Labels[REPLICA_SERVICE_LABEL] ?? '',
        specification: Labels[REPLICA_SPECIFICATION_LABEL] ?? '',
        isRunning: State === 'running' || State === 'paused',
      }));
    },
    inspect: async (id, signal) => {
      const found = await orNull(docker.getContainer(id).inspect({ abortSignal: bounded(signal) }), [404]);
      return found === null ? null : describe(found);
    },
    ensureImage: async (spec, signal) => {
      const look = async (): Promise<boolean> =>
        (await orNull(withinBound('the image', REQUEST_TIMEOUT_MS, docker.getImage(spec.image).inspect()), [404])) !==
        null;
      if (spec.pull === 'missing' && (await look())) return;
      await pull(spec, signal);
    },
    create: async (identity, spec, signal) => {
      const made = await docker.createContainer({
        ...planContainer({ ...identity, agentId }, spec),
        abortSignal: bounded(signal),
      });
      return made.id;
    },
    start: async (id, signal) => {
      await orNull(docker.getContainer(id).start({ abortSignal: bounded(signal) }), [304]);
    },
    stop: async (id, signal) => {
      const found = await findOwn(id, signal);
      if (found === null || !found.State.Running) return;
      await orNull(docker.getContainer(id).stop({ abortSignal: bounded(signal, STOP_TIMEOUT_MS) }), [304, 404]);
    },
    remove: async (id, signal) => {
      if ((await findOwn(id, signal)) === null) return;
      // 409: it is being removed already.
      const options = { force: true, v: true, abortSignal: bounded(signal) };
      await orNull(docker.getContainer(id).remove(options), [404, 409]);
    },
    readLastLines: async (id, signal) => {
      const options = { follow: false as const, stdout: true, stderr: true, tail: LAST_LINES };
      try {
        const content = await docker.getContainer(id).logs({ ...options, abortSignal: bounded(signal) });
        return splitLines(unframe(content.subarray(-MAX_LOG_BYTES)).toString('utf8'));
      } catch {
        // A log driver that cannot be read, or a container that is gone: there is nothing to show then.
        return [];
      }
    },
  };
}

function describe({ State, NetworkSettings, HostConfig }: Docker.ContainerInspectInfo): ReplicaDetails {
  const mode = HostConfig.NetworkMode ?? 'default';
  const networks = NetworkSettings.Networks;
  const network = networks[mode] ?? Object.values(networks)[0];
  const health = State.Health?.Status;
  return {
    isRunning: State.Running,
    pid: State.Pid,
    address: mode === 'host' ? '127.0.0.1' : network?.IPAddress || network?.GlobalIPv6Address || null,
    health: health === 'healthy' || health === 'unhealthy' || health === 'starting' ? health : null,
    healthOutput:
      splitLines(State.Health?.Log?.at(-1)?.Output ?? '')
        .join(' ⏎ ')
        .slice(0, MAX_HEALTH_OUTPUT) || null,
    exitCode: State.ExitCode,
    wasOutOfMemory: State.OOMKilled,
    memoryLimitBytes: HostConfig.Memory || null,
    error: State.Error,
    startedAt: State.StartedAt,
  };
}

/** What the call resolved to; null for the given statuses of Docker. */
async function orNull<Value>(call: Promise<Value>, statuses: readonly number[]): Promise<Value | null> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof Error && 'statusCode' in error && statuses.includes(Number(error.statusCode))) return null;
    throw error;
  }
}

/** Without tag or digest Docker would get every tag that there is. */
function withTag(image: string): string {
  const name = image.slice(image.lastIndexOf('/') + 1);
  return name.includes(':') || name.includes('@') ? image : `${image}:latest`;
}

/** Docker's rule: the first part is a registry when it looks like a host. */
function registryOf(image: string): string {
  const [first = '', ...rest] = image.split('/');
  const isHost = rest.length > 0 && (first.includes('.') || first.includes(':') || first === 'localhost');
  return isHost ? first : 'https://index.docker.io/v1/';
}

/** The last lines that have something in them, without control characters. */
function splitLines(text: string): string[] {
  // eslint-disable-next-line no-control-regex -- what a terminal would obey
  const lines = text.split('\n').map((line) => line.replaceAll(/[\u0000-\u001f\u007f-\u009f]+/g, ' ').trim());
  return lines.filter((line) => line !== '').slice(-LAST_LINES);
}

/** Docker frames the output of containers without a terminal: a header of 8 bytes, the last 4 of them the length. */
function unframe(content: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at + 8 <= content.length;) {
    const isFrame = (content[at] ?? 9) <= 2 && content.readUIntBE(at + 1, 3) === 0;
    if (!isFrame) return content;
    const length = content.readUInt32BE(at + 4);
    parts.push(content.subarray(at + 8, at + 8 + length));
    at += 8 + length;
  }
  return Buffer.concat(parts);
}
