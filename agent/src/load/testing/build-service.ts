import { randomUUID } from 'node:crypto';
import type { RunningReplica, ScaledService, ServiceTraffic } from '../scaled-service.ts';

export function buildReplica(draft: Partial<RunningReplica> = {}): RunningReplica {
  return { containerId: 'a'.repeat(64), isReady: true, startedAt: '2026-05-28T20:26:40.000Z', ...draft };
}

export function buildService(draft: Partial<ScaledService> = {}): ScaledService {
  return { serviceId: randomUUID(), scaleRevision: 3, wanted: 1, cpuLimit: null, replicas: [buildReplica()], ...draft };
}

export function buildTraffic(draft: Partial<ServiceTraffic> = {}): ServiceTraffic {
  return { requests: 100, serverErrors: 0, atWorkMs: 1000, latencyP95Ms: 20, ...draft };
}
