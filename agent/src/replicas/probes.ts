import type { HealthCheckSettings } from '@flotilla/contracts';
import { decideProbe } from './decide-probe.ts';
import { probeReplica } from './probe-replica.ts';
import type { ReplicaDocker } from './replica-docker.ts';
import { isAlive, type TrackedReplica } from './tracked-replica.ts';

/** When Docker could not be asked about a replica. */
const DOCKER_RETRY_MS = 2000;

export interface ProbesDeps {
  readonly docker: Pick<ReplicaDocker, 'inspect'>;
  /** Milliseconds of a clock that never goes back. */
  readonly clock: () => number;
  /** Work that has begun; it changes the replica that it is for. */
  readonly onWork: (work: Promise<void>) => void;
  readonly signal: AbortSignal;
}

export interface ProbeTarget {
  readonly health: HealthCheckSettings;
  /** The port that answers for a replica; undefined for a service that gets no requests. */
  readonly port: number | undefined;
}

/** Asks replicas, each at its own time, whether they can take requests. */
export class Probes {
  readonly #deps: ProbesDeps;

  constructor(deps: ProbesDeps) {
    this.#deps = deps;
  }

  /** Asks those whose time it is. @returns when the next one is due; infinite for never */
  askDue(replicas: Iterable<TrackedReplica>, target: ProbeTarget, now: number): number {
    let nextAt = Number.POSITIVE_INFINITY;
    for (const replica of replicas) {
      if (replica.containerId === null || !isAlive(replica.phase) || replica.isBeingProbed) continue;
      if (replica.nextProbeAt > now) {
        nextAt = Math.min(nextAt, replica.nextProbeAt);
        continue;
      }
      replica.isBeingProbed = true;
      const asked = this.#ask(replica, replica.containerId, target).finally(() => {
        replica.isBeingProbed = false;
      });
      this.#deps.onWork(asked);
    }
    return nextAt;
  }

  async #ask(replica: TrackedReplica, containerId: string, { health, port }: ProbeTarget): Promise<void> {
    const { docker, clock, signal } = this.#deps;
    const { phase } = replica;
    let details;
    try {
      details = await docker.inspect(containerId, signal);
    } catch {
      // Docker is away, which says nothing about the replica; who follows Docker tells when it is back.
      replica.nextProbeAt = clock() + DOCKER_RETRY_MS;
      return;
    }
    const result = details?.isRunning === true ? await probeReplica(details, health, port, signal) : null;
    // Meanwhile it may have been taken away.
    if (signal.aborted || replica.phase !== phase) return;
    if (result === null) Object.assign(replica, { phase: 'dead', since: clock(), isUnasked: false });
    else Object.assign(replica, decideProbe(replica, result, clock()), { startedAt: details?.startedAt ?? null });
  }
}
