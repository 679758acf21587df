import type { ServiceReplicasReport } from '@flotilla/contracts';

const specification = 'a'.repeat(64);

/** One replica that is wanted and ready; `change` says what this case is about. */
export function buildReplicasReport(change: Partial<ServiceReplicasReport> = {}): ServiceReplicasReport {
  const replica = {
    name: 'shop-1',
    containerId: 'c1',
    state: 'ready' as const,
    specification,
    reason: null,
    since: '2026-01-01T11:00:00Z',
  };
  return {
    serviceId: '0190b6f0-7c3e-7000-8000-000000000009',
    serviceRevision: 3,
    wanted: 1,
    specification,
    rollout: 'settled',
    problem: null,
    replicas: [replica],
    ...change,
  };
}
