import {
  isContainerTarget,
  MAX_COMPARED,
  MAX_METRIC_POINTS,
  type ContainerMetric,
  type HostMetric,
  type Target,
} from '@flotilla/contracts';
import {
  findAgent,
  findContainers,
  findSeries,
  findService,
  readContainerSeries,
  readHostSeries,
  readNamedSeries,
  type DatabaseSession,
  type MetricLine,
  type MetricLines,
} from '@flotilla/core-db';
import { BadRequest, NotFound } from '../http/index.ts';
import { chooseNode } from '../shared/choose-node.ts';
import { assertBoundedLines } from './assert-bounded-lines.ts';
import { decideTimeRange, type TimeRangeQuery } from '../shared/decide-time-range.ts';
import type { LimitedRead } from '../shared/read-within-limit.ts';

export interface MetricsReaderDeps {
  readonly database: DatabaseSession;
  /** For series, whose cost the caller chooses. */
  readonly readLimited: LimitedRead;
  readonly now: () => Date;
}

/** What a chart's line is called. */
interface LineName {
  readonly subjectId: string | null;
  readonly subjectName: string | null;
}

/** Figures of one node. @throws NotFound, BadRequest */
export async function readAgentMetrics(
  { database, readLimited, now }: MetricsReaderDeps,
  agentId: string,
  query: TimeRangeQuery & { readonly metrics: readonly HostMetric[] },
) {
  await assertAgent(database, agentId);
  const range = chooseRange(query, now());
  const lines = await readLimited((tx) => readHostSeries(tx, [agentId], query.metrics, range));
  return formatAnswer(lines, () => ({ subjectId: null, subjectName: null }));
}

/** The same figures of many nodes; those that are not there are left out. @throws BadRequest */
export async function readFleetMetrics(
  { database, readLimited, now }: MetricsReaderDeps,
  query: TimeRangeQuery & { readonly agents: readonly string[]; readonly metrics: readonly HostMetric[] },
  maxPoints: number,
) {
  const range = chooseRange(query, now(), maxPoints);
  assertBoundedLines(query.agents.length, query.metrics);
  const found = (await Promise.all(query.agents.map((id) => findAgent(database, id)))).filter(
    (agent) => agent !== null,
  );
  const names = new Map(found.map(({ id, name }) => [id, name]));
  const lines = await readLimited((tx) => readHostSeries(tx, [...names.keys()], query.metrics, range));
  return formatAnswer(lines, (id) => ({ subjectId: id, subjectName: names.get(id) ?? null }));
}

/** Figures of containers of a node, by id or name. @throws NotFound, BadRequest */
export async function readContainerMetrics(
  { database, readLimited, now }: MetricsReaderDeps,
  agentId: string,
  query: TimeRangeQuery & { readonly containers: readonly string[]; readonly metrics: readonly ContainerMetric[] },
) {
  await assertAgent(database, agentId);
  const range = chooseRange(query, now());
  const containers = await findContainers(database, agentId, query.containers);
  assertBoundedLines(containers.length, query.metrics);
  const lines = await readLimited((tx) => readContainerSeries(tx, containers, query.metrics, range));
  return formatAnswer(lines, ({ id, name }) => ({ subjectId: id, subjectName: name }));
}

/** Figures of the containers that a service sends requests to, on one of its nodes. @throws NotFound, BadRequest */
export async function readServiceMetrics(
  deps: MetricsReaderDeps,
  serviceId: string,
  query: TimeRangeQuery & { readonly agentId?: string | undefined; readonly metrics: readonly ContainerMetric[] },
) {
  const service = await findService(deps.database, serviceId);
  if (service === null) throw new NotFound('service', serviceId);
  const { target, additionalTargets, locations } = service.settings;
  const targets: Target[] = [target, ...additionalTargets, ...locations.map((location) => location.target)];
  const containers = [...new Set(targets.flatMap((one) => (isContainerTarget(one) ? [one.container] : [])))].slice(
    0,
    MAX_COMPARED,
  );
  return readContainerMetrics(deps, chooseNode(service, query.agentId).agentId, { ...query, containers });
}

/** Values of named series of a node. @throws NotFound, BadRequest */
export async function readSeriesMetrics(
  { database, readLimited, now }: MetricsReaderDeps,
  agentId: string,
  query: TimeRangeQuery & { readonly names: readonly string[]; readonly container?: readonly string[] | undefined },
) {
  await assertAgent(database, agentId);
  const range = chooseRange(query, now());
  const series = await findSeries(database, agentId, query.names, { containers: query.container, limit: MAX_COMPARED });
  const lines = await readLimited((tx) => readNamedSeries(tx, series, range));
  return formatAnswer(lines, ({ containerId, containerName }) => ({
    subjectId: containerId,
    subjectName: containerName,
  }));
}

export async function assertAgent(database: DatabaseSession, agentId: string): Promise<void> {
  if ((await findAgent(database, agentId)) === null) throw new NotFound('node', agentId);
}

function chooseRange(query: TimeRangeQuery, now: Date, maxPoints = MAX_METRIC_POINTS) {
  const decision = decideTimeRange(query, now);
  if (decision.ok) return { ...decision.range, maxPoints: query.step === 'auto' ? maxPoints : MAX_METRIC_POINTS };
  const { field, message } = decision.problem;
  throw new BadRequest(`${field}: ${message}`, [decision.problem]);
}

function formatAnswer<Subject>(found: MetricLines<Subject>, name: (subject: Subject) => LineName) {
  const { from, to, stepMs, resolution, times, lines } = found;
  const series = lines.map(({ subject, metric, min, avg, max }: MetricLine<Subject>) => ({
    ...name(subject),
    metric,
    min,
    avg,
    max,
  }));
  return { from, to, stepMs, resolution, times, series };
}
