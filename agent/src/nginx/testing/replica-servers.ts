import { createServer, type Server } from 'node:http';
import type { ServingReplica } from '../../shared/replica-gate.ts';
import type { ContainerResolution } from '../proxy.ts';
import { findFreePort } from './start-proxy.ts';

/** How long an answer takes, so that requests are on their way at any time. */
const ANSWER_MS = 2;

/** A plain HTTP server on a loopback address of its own, in place of a container on its own address. */
export interface TestReplica {
  readonly containerId: string;
  /** Requests whose head came, and the numbers that their paths `/?at=NUMBER` carried. */
  readonly requests: number;
  readonly newestAt: number;
  readonly countConnections: () => Promise<number>;
  /** Lets the requests for `/slow` end; they have got the beginning of their answer. */
  readonly release: () => void;
  /** At once, as a container that is killed. */
  readonly stop: () => Promise<void>;
}

export interface ReplicaServers extends AsyncDisposable {
  /** Of all of them, each on its own address. */
  readonly port: number;
  readonly start: () => Promise<TestReplica>;
  readonly resolve: (containerId: string, port: number) => ContainerResolution;
}

/** @param answerMs how long each answer takes */
export async function startReplicaServers(answerMs = ANSWER_MS): Promise<ReplicaServers> {
  const port = await findFreePort();
  const addresses = new Map<string, string>();
  const started: TestReplica[] = [];
  return {
    port,
    start: async () => {
      const number = started.length + 2;
      const containerId = number.toString(16).padStart(64, '0');
      const replica = await startReplica(containerId, { address: `127.0.0.${number}`, port, answerMs });
      started.push(replica);
      addresses.set(containerId, `127.0.0.${number}`);
      return replica;
    },
    resolve: (containerId, wantedPort) => {
      const address = addresses.get(containerId);
      return address === undefined
        ? { state: 'unavailable', reason: `there is no container "${containerId}" on this node` }
        : { state: 'available', endpoints: [{ address, port: wantedPort }] };
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(started.map((replica) => replica.stop()));
    },
  };
}

/** Replicas that have been there for long. */
export function fullShares(...replicas: readonly TestReplica[]): ServingReplica[] {
  return replicas.map((replica) => withShare(replica, 1));
}

export function withShare({ containerId }: TestReplica, share: number): ServingReplica {
  return { containerId, share };
}

async function startReplica(
  containerId: string,
  { address, port, answerMs }: { readonly address: string; readonly port: number; readonly answerMs: number },
): Promise<TestReplica> {
  let [requests, newestAt] = [0, 0];
  const held = new Set<() => void>();
  const server = createServer((request, response) => {
    requests += 1;
    newestAt = Math.max(newestAt, Number(/at=(\d+)/.exec(request.url ?? '')?.[1] ?? 0));
    request.resume();
    if (request.url === '/slow') {
      response.write(containerId);
      held.add(() => response.end('end'));
    } else setTimeout(() => response.end(containerId), answerMs);
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, address, resolve);
  });
  return {
    containerId,
    get requests() {
      return requests;
    },
    get newestAt() {
      return newestAt;
    },
    countConnections: () => countConnections(server),
    release: () => {
      for (const end of held) end();
      held.clear();
    },
    stop: async () => {
      if (!server.listening) return;
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

function countConnections(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)));
  });
}
