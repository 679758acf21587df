import type { Agent } from '@flotilla/contracts';

/** A node that is online and well; `change` says what this case is about. */
export function buildAgent(change: Partial<Agent> = {}): Agent {
  return {
    id: '0190b6f0-7c3e-7000-8000-000000000001',
    name: 'fra-1',
    url: null,
    status: 'online',
    lastSeenAt: '2026-01-01T12:00:00Z',
    registeredAt: '2026-01-01T10:00:00Z',
    version: '1.2.3',
    bus: 'connected',
    clockOffsetMs: 0,
    facts: {
      hostname: 'fra-1.example.net',
      operatingSystem: 'Debian GNU/Linux 12',
      kernel: '6.1.0',
      architecture: 'x64',
      docker: { available: true, version: '27.0', reason: null },
      proxy: { state: 'serving', reason: null, nginxVersion: '1.26.0', httpPort: 80, httpsPort: 443 },
    },
    containers: { total: 3, running: 2 },
    configuration: {
      state: 'applied',
      desiredRevision: 'a'.repeat(64),
      appliedRevision: 'a'.repeat(64),
      appliedAt: '2026-01-01T12:00:00Z',
      reason: null,
      services: 4,
      rejectedServices: 0,
      unservedServices: 0,
    },
    ...change,
  };
}
