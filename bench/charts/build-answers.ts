import {
  MAX_METRIC_POINTS,
  type Agent,
  type MetricSeries,
  type MetricsAnswer,
  type Service,
  type ServiceConfiguration,
  type Session,
} from '@flotilla/contracts';

const AGENT_ID = '0190b6f0-7c3e-7000-8000-000000000001';
export const SERVICE_ID = '0190b6f0-7c3e-7000-8000-0000000000a1';
const REPLICAS = ['web-1', 'web-2', 'web-3'];
const STEP_MS = 10_000;
const LONG_AGO = '2026-01-01T00:00:00.000Z';
const applied = { state: 'applied', reason: null } as const;

/** As many lines in each chart as the service has replicas. */
export const LINES_PER_CHART = REPLICAS.length;

export const session: Session = {
  accessToken: 'token',
  expiresAt: '2099-01-01T00:00:00.000Z',
  user: { id: AGENT_ID, email: 'ann@example.com', role: 'viewer', mustChangePassword: false },
};

const configuration: ServiceConfiguration = { ...applied, appliedRevision: 1, updatedAt: LONG_AGO };

export const service: Service = {
  id: SERVICE_ID,
  name: 'shop',
  domains: ['shop.example.com'],
  agentIds: [AGENT_ID],
  ...buildTargets(),
  revision: 1,
  createdAt: LONG_AGO,
  updatedAt: LONG_AGO,
  updatedBy: 'ann@example.com',
  nodes: [{ agentId: AGENT_ID, agentName: 'node-1', configuration, replicas: null }],
  state: 'applied',
} as Service;

export const serviceConfig = { agentId: AGENT_ID, configuration, config: 'server {}', history: [] };

export const agent: Agent = {
  id: AGENT_ID,
  name: 'node-1',
  url: null,
  status: 'online',
  lastSeenAt: LONG_AGO,
  registeredAt: LONG_AGO,
  version: '0.1.0',
  bus: 'connected',
  clockOffsetMs: 0,
  facts: null,
  containers: null,
  configuration: {
    ...applied,
    desiredRevision: null,
    appliedRevision: null,
    appliedAt: null,
    services: 1,
    rejectedServices: 0,
    unservedServices: 0,
  },
};

function buildTargets(): Pick<Service, 'target' | 'additionalTargets' | 'locations'> {
  const options = { port: 80, weight: 1, maxFails: 1, failTimeoutMs: 10_000, backup: false };
  const [target, ...additionalTargets] = REPLICAS.map((container) => ({ container, ...options }));
  if (target === undefined) throw new Error('a service has a target');
  return { target, additionalTargets, locations: [] };
}

/** Names of the application's series, enough for the charts that are wanted. */
export function buildSeriesNames(count: number) {
  const items = Array.from({ length: count }, (_, index) => `app.figure.${String(index).padStart(2, '0')}`).flatMap(
    (name) =>
      REPLICAS.map((containerName) => ({ name, containerId: containerName, containerName, lastSeenAt: LONG_AGO })),
  );
  return { items, total: items.length };
}

/** An answer as long as the API gives any: 500 points of each line, with a gap, up to now. */
export function buildMetricsAnswer(metrics: readonly string[], now: number): MetricsAnswer {
  const end = Math.floor(now / STEP_MS) * STEP_MS;
  const times = Array.from(
    { length: MAX_METRIC_POINTS },
    (_, index) => end - (MAX_METRIC_POINTS - 1 - index) * STEP_MS,
  );
  const series = metrics.flatMap((metric, figure) =>
    REPLICAS.map((name, replica) => buildLine(metric, name, times, figure + replica)),
  );
  const [from = end] = times;
  return {
    from: new Date(from).toISOString(),
    to: new Date(end + STEP_MS).toISOString(),
    stepMs: STEP_MS,
    resolution: 'raw',
    times,
    series,
  };
}

function buildLine(metric: string, name: string, times: readonly number[], shift: number): MetricSeries {
  const avg = times.map((time, index) =>
    index % 200 < 5 ? null : 50 + 30 * Math.sin(time / 300_000 + shift) + 15 * Math.sin(time / 7000 + shift),
  );
  const around = (distance: number) => avg.map((value) => (value === null ? null : value + distance));
  return { subjectId: name, subjectName: name, metric, min: around(-5), avg, max: around(5) };
}
