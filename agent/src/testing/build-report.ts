import { randomUUID } from 'node:crypto';
import type { AgentFacts, ObservedContainer, ServiceReplicasReport, SiteConfig, TaskResult } from '@flotilla/contracts';

export const REVISION = 'a'.repeat(64);

export function buildFacts(overrides: Partial<AgentFacts> = {}): AgentFacts {
  return {
    hostname: 'node-1',
    operatingSystem: 'Debian GNU/Linux 12 (bookworm)',
    kernel: '6.1.0',
    architecture: 'x86_64',
    docker: { available: false, version: null, reason: 'Docker does not run here' },
    proxy: { state: 'serving', reason: null, nginxVersion: '1.22.1', httpPort: 80, httpsPort: 443 },
    ...overrides,
  };
}

export function buildContainer(overrides: Partial<ObservedContainer> = {}): ObservedContainer {
  const name = overrides.name ?? 'web';
  return {
    id: name.padEnd(64, '0'),
    name,
    image: 'web:latest',
    state: 'running',
    status: 'Up 3 hours',
    health: null,
    ports: [{ containerPort: 80, protocol: 'tcp', hostAddress: null, hostPort: null }],
    networks: [{ name: 'bridge', address: '172.17.0.2' }],
    composeProject: null,
    composeService: null,
    createdAt: '2026-01-01T00:00:00.000Z',
    ...overrides,
  };
}

export function buildSiteConfig(overrides: Partial<SiteConfig> = {}): SiteConfig {
  return { serviceId: randomUUID(), serviceRevision: 1, text: 'server {}', ...overrides };
}

export function buildReplicasReport(overrides: Partial<ServiceReplicasReport> = {}): ServiceReplicasReport {
  return {
    serviceId: randomUUID(),
    serviceRevision: 1,
    wanted: 1,
    specification: REVISION,
    rollout: 'settled',
    problem: null,
    replicas: [],
    ...overrides,
  };
}

/** The result of an applied desired state, with this many refused sites. */
export function buildResult(
  rejectedSites = 0,
  reason = 'host not found',
): Extract<TaskResult, { type: 'UPDATE_NGINX' }> {
  return {
    taskId: randomUUID(),
    status: 'succeeded',
    type: 'UPDATE_NGINX',
    result: {
      outcome: 'applied',
      revision: REVISION,
      rejectedSites: Array.from({ length: rejectedSites }, () => ({
        serviceId: randomUUID(),
        serviceRevision: 1,
        reason,
      })),
    },
  };
}
