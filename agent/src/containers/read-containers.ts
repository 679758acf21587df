import { containerState, observedContainer, type ObservedContainer } from '@flotilla/contracts';
import Docker from 'dockerode';
import { compareText } from '../shared/compare-text.ts';
import type { ContainerProcess } from '../shared/container-process.ts';
import { REPLICA_SERVICE_LABEL } from '../shared/replica-label.ts';
import type { HostContainer } from './host-container.ts';

const REQUEST_TIMEOUT_MS = 10_000;
const observedPort = observedContainer.shape.ports.element;

/** Events after which a container's state, name or address is another. Those of each health probe are not wanted. */
const CONTAINER_EVENTS = 'create start restart die stop destroy rename pause unpause health_status'.split(' ');
const NETWORK_EVENTS = ['connect', 'disconnect'];

/** Docker as the rest of the agent sees it. This is the only file that knows dockerode's types. */
export interface ContainerReader {
  /** Docker's version; rejects when it cannot be asked. */
  readonly readVersion: (signal: AbortSignal) => Promise<string>;
  /** All containers, or those of the given full ids that exist. */
  readonly readContainers: (signal: AbortSignal, ids?: readonly string[]) => Promise<HostContainer[]>;
  /** A container's main process; null when it does not run, or is not there. */
  readonly readProcess: (id: string, signal: AbortSignal) => Promise<ContainerProcess | null>;
  /** Ids of containers that changed, from now on. Ends or throws when the connection ends. */
  readonly openEvents: (signal: AbortSignal) => Promise<AsyncIterable<string>>;
}

export function createContainerReader(socketPath: string): ContainerReader {
  const docker = new Docker({ socketPath });
  // The library's types do not know its option yet.
  const askVersion: (options: { abortSignal: AbortSignal }) => Promise<unknown> = docker.version.bind(docker);
  const bounded = (signal: AbortSignal) => AbortSignal.any([signal, AbortSignal.timeout(REQUEST_TIMEOUT_MS)]);
  return {
    readVersion: async (signal) => {
      const answer: unknown = await askVersion({ abortSignal: bounded(signal) });
      const version = isRecord(answer) ? answer['Version'] : undefined;
      return typeof version === 'string' ? version.slice(0, 64) : 'unknown';
    },
    readContainers: async (signal, ids) => {
      const found = await docker.listContainers({
        all: true,
        abortSignal: bounded(signal),
        ...(ids === undefined ? {} : { filters: { id: [...ids] } }),
      });
      return found.map(normaliseContainer);
    },
    readProcess: async (id, signal) => {
      try {
        const { State, RestartCount } = await docker.getContainer(id).inspect({ abortSignal: bounded(signal) });
        return State.Running && State.Pid > 0 ? { pid: State.Pid, restarts: RestartCount ?? null } : null;
      } catch (error) {
        if (isRecord(error) && error['statusCode'] === 404) return null;
        throw error;
      }
    },
    openEvents: async (signal) => {
      const stream = await docker.getEvents({
        filters: { type: ['container', 'network'], event: [...CONTAINER_EVENTS, ...NETWORK_EVENTS] },
        abortSignal: signal,
      });
      // Who reads the stream gets its error; without a listener one that comes before would end the process.
      stream.on('error', () => undefined);
      return readContainerIds(stream);
    },
  };
}

async function* readContainerIds(stream: NodeJS.ReadableStream): AsyncGenerator<string> {
  for await (const line of readLines(stream)) {
    const id = line.trim() === '' ? null : findContainerId(JSON.parse(line));
    if (id !== null) yield id;
  }
}

/** Lines as they come; node:readline would lose those that come before somebody asks for them. */
async function* readLines(stream: NodeJS.ReadableStream): AsyncGenerator<string> {
  stream.setEncoding('utf8');
  let rest = '';
  for await (const chunk of stream as AsyncIterable<string>) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
}

/** Of a network's event the container is an attribute. */
function findContainerId(event: unknown): string | null {
  const actor = isRecord(event) ? event['Actor'] : undefined;
  if (!isRecord(event) || !isRecord(actor)) return null;
  const attributes = actor['Attributes'];
  const id = event['Type'] === 'network' && isRecord(attributes) ? attributes['container'] : actor['ID'];
  return typeof id === 'string' && id !== '' ? id : null;
}

/** Docker's words, cut to the bounds of a report. */
export function normaliseContainer(info: Docker.ContainerInfo): HostContainer {
  const networks = Object.entries(info.NetworkSettings?.Networks ?? {});
  const observed: ObservedContainer = {
    id: info.Id,
    name: (info.Names[0] ?? info.Id.slice(0, 12)).replace(/^\//, '').slice(0, 255),
    image: info.Image.slice(0, 512),
    // A state that this version does not know is none that takes traffic.
    state: containerState.safeParse(info.State).data ?? 'dead',
    status: info.Status.slice(0, 128),
    health: parseHealth(info.Status),
    ports: normalisePorts(info.Ports),
    networks: networks.slice(0, 50).map(([name, { IPAddress, GlobalIPv6Address }]) => ({
      name: name.slice(0, 128),
      address: IPAddress || GlobalIPv6Address || null,
    })),
    composeProject: info.Labels['com.docker.compose.project']?.slice(0, 128) ?? null,
    composeService: info.Labels['com.docker.compose.service']?.slice(0, 128) ?? null,
    createdAt: new Date(info.Created * 1000).toISOString(),
  };
  return {
    observed,
    networkMode: info.HostConfig?.NetworkMode ?? 'default',
    metricsLabels: {
      path: info.Labels['flotilla.metrics.path']?.slice(0, 512) ?? null,
      port: info.Labels['flotilla.metrics.port']?.slice(0, 16) ?? null,
    },
    replicaOf: info.Labels[REPLICA_SERVICE_LABEL] ?? null,
  };
}

/** Docker's list tells health only inside its sentence: `Up 2 minutes (health: starting)`. */
function parseHealth(status: string): ObservedContainer['health'] {
  const words = /\((?:health: )?(healthy|unhealthy|starting)\)/.exec(status)?.[1];
  return words === 'healthy' || words === 'unhealthy' || words === 'starting' ? words : null;
}

/** Sorted, because Docker's order is not stable and a change of it is no news. */
function normalisePorts(ports: readonly Partial<Docker.Port>[]): ObservedContainer['ports'] {
  return ports
    .map(({ PrivatePort, PublicPort, Type, IP }) =>
      observedPort.safeParse({
        containerPort: PrivatePort,
        protocol: Type,
        hostAddress: IP || null,
        hostPort: PublicPort || null,
      }),
    )
    .flatMap(({ data }) => data ?? [])
    .toSorted(
      (a, b) =>
        a.containerPort - b.containerPort ||
        compareText(a.protocol, b.protocol) ||
        compareText(a.hostAddress ?? '', b.hostAddress ?? '') ||
        (a.hostPort ?? 0) - (b.hostPort ?? 0),
    )
    .slice(0, 200);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
