import { LOAD_INTERVAL_MS, scalingPolicy, type ScalingPolicy, type ServiceLoad } from '@flotilla/contracts';
import type { NodeDraft, ReplicaDraft, ScalingCase } from '../cases/scaling-case.ts';
import type { ScaledNode } from '../scaling-input.ts';

const SERVICE_ID = '01890a5d-ac96-774b-bcce-b302099a8057';
/** Long enough for its CPU to be looked at. */
const GROWN_UP_MS = 3_600_000;
const YOUNG_MS = 5000;

/** The policy of a case, with the contracts' defaults. */
export function buildPolicy(draft: ScalingCase['policy']): ScalingPolicy {
  return scalingPolicy.parse({ maxReplicas: 50, ...draft });
}

/** A node as it told of its replicas at `now`, or before. */
export function buildNode(draft: NodeDraft, total: number, now: number): ScaledNode {
  const { wanted = total, ageSeconds = 0 } = draft;
  if (ageSeconds === 'never') return { wanted, sample: null };
  const sampledAt = now - ageSeconds * 1000;
  const load: ServiceLoad = {
    serviceId: SERVICE_ID,
    scaleRevision: 1,
    wanted,
    replicas: draft.replicas.map((replica, index) => ({
      id: index.toString(16).padStart(64, '0'),
      isReady: replica !== 'starting',
      startedAt: sampledAt - (replica === 'starting' || replica === 'young' ? YOUNG_MS : GROWN_UP_MS),
      cpuRatio: readCpu(replica),
      memoryRatio: draft.memory?.[index] ?? null,
      custom: buildCustom(draft.queue?.[index] ?? null),
    })),
    requestsPerSecond: draft.requestsPerSecond ?? null,
    latencyP95Ms: draft.latencyP95Ms ?? null,
    serverErrorRatio: null,
    inFlight: draft.inFlight ?? null,
  };
  return { wanted, sample: { sampledAt, intervalMs: LOAD_INTERVAL_MS, load } };
}

/** One that starts is busy with its start. */
function readCpu(replica: ReplicaDraft): number | null {
  return replica === 'starting' || replica === 'young' ? 1 : replica;
}

function buildCustom(queueLength: number | null): Record<string, number> {
  return queueLength === null ? {} : { 'queue.length': queueLength };
}
