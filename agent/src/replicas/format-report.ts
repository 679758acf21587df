import {
  MAX_REPLICA_REASON_LENGTH,
  type ReplicaReport,
  type ReplicaState,
  type ServiceReplicasReport,
} from '@flotilla/contracts';
import type { ReplicaPhase, TrackedReplica } from './tracked-replica.ts';
import type { WantedService } from './wanted-service.ts';

const MAX_REPLICAS_IN_REPORT = 300;
/** Of each replica, so that the reports of many fit into a heartbeat. */
const MAX_REASON_LENGTH = 300;
const STATES: Readonly<Record<ReplicaPhase, ReplicaState>> = {
  pulling: 'pulling',
  starting: 'starting',
  ready: 'ready',
  unready: 'failed',
  dead: 'failed',
  draining: 'draining',
  stopping: 'stopping',
};

export interface ReportSource {
  readonly wanted: WantedService;
  readonly rollout: ServiceReplicasReport['rollout'];
  readonly problem: string | null;
  readonly replicas: readonly TrackedReplica[];
  /** Wall clock of a time of the controller's clock. */
  readonly dateOf: (time: number) => Date;
}

/** What the Core is told of a service's replicas. */
export function formatReport({ wanted, rollout, problem, replicas, dateOf }: ReportSource): ServiceReplicasReport {
  return {
    serviceId: wanted.serviceId,
    serviceRevision: wanted.serviceRevision,
    wanted: wanted.count,
    specification: wanted.specification,
    rollout,
    problem: problem?.slice(0, MAX_REPLICA_REASON_LENGTH) ?? null,
    replicas: replicas.slice(0, MAX_REPLICAS_IN_REPORT).map((replica): ReplicaReport => ({
      name: replica.name,
      containerId: replica.containerId,
      state: STATES[replica.phase],
      specification: replica.specification,
      reason: replica.phase === 'ready' ? null : (replica.complaint?.reason.slice(0, MAX_REASON_LENGTH) ?? null),
      since: dateOf(replica.since).toISOString(),
    })),
  };
}
