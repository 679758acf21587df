import {
  MAX_BODY_BYTES,
  MAX_CONTAINERS_PER_AGENT,
  MAX_SITE_CONFIG_BYTES_PER_HEARTBEAT,
  type AgentFacts,
  type ObservedContainer,
  type ServiceReplicasReport,
  type SiteConfig,
  type TaskResult,
  type UpdateNginxResult,
} from '@flotilla/contracts';

const MAX_RESULTS = 100;
const MAX_SITE_CONFIGS = 200;
const MAX_REPLICAS_REPORTS = 500;
/** For the rest of the body: version, session, revision, facts and JSON's own characters. */
const BODY_BYTES = MAX_BODY_BYTES - 65_536;
/** What a task's result has around the result itself. */
const RESULT_FRAME_BYTES = 256;
/** Lengths to which reasons are cut, the first that fits. */
const REASON_LENGTHS = [4000, 1000, 250, 60, 20] as const;

/** What the Core has not acknowledged yet; null where it knows the latest. */
export interface WaitingReport {
  readonly taskResults: readonly TaskResult[];
  /** Of a change that no task asked for. */
  readonly proxyResult: UpdateNginxResult | null;
  readonly facts: AgentFacts | null;
  readonly containers: readonly ObservedContainer[] | null;
  readonly replicas: readonly ServiceReplicasReport[];
  readonly siteConfigs: readonly SiteConfig[];
}

export interface PlannedReport {
  /** As they are sent: cut to what fits. */
  readonly taskResults: TaskResult[];
  readonly proxyResult: UpdateNginxResult | null;
  readonly facts: AgentFacts | null;
  readonly containers: ObservedContainer[] | null;
  readonly replicas: ServiceReplicasReport[];
  readonly siteConfigs: SiteConfig[];
  /** Containers that no heartbeat has room for. */
  readonly omittedContainers: number;
  /** Something has to wait for the next heartbeat. */
  readonly hasMore: boolean;
}

/** What the next heartbeat carries within the Core's bounds: results first, then replicas, the inventory, and site texts. */
export function planReport(waiting: WaitingReport): PlannedReport {
  const { taskResults, facts, containers, replicas, siteConfigs } = waiting;
  let room = BODY_BYTES;
  const take = (bytes: number): boolean => {
    if (bytes > room) return false;
    room -= bytes;
    return true;
  };
  const results = takeWhile(taskResults.slice(0, MAX_RESULTS).map(fitTaskResult), (result) => take(measure(result)));
  const proxyResult = waiting.proxyResult === null ? null : fitReasons(waiting.proxyResult);
  const hasRoomForProxyResult = proxyResult !== null && take(measure(proxyResult));
  const reports = takeWhile(replicas.slice(0, MAX_REPLICAS_REPORTS), (report) => take(measure(report)));
  const fitting = containers === null ? null : fitContainers(containers);
  const hasRoomForContainers = fitting !== null && take(measure(fitting));
  let textRoom = MAX_SITE_CONFIG_BYTES_PER_HEARTBEAT;
  const configs = takeWhile(siteConfigs.slice(0, MAX_SITE_CONFIGS), (config, index) => {
    textRoom -= Buffer.byteLength(config.text);
    // One text alone may be larger than the bound for several.
    return (textRoom >= 0 || index === 0) && take(measure(config));
  });
  const hasLeft =
    results.length < taskResults.length ||
    (proxyResult !== null && !hasRoomForProxyResult) ||
    (fitting !== null && !hasRoomForContainers) ||
    reports.length < replicas.length ||
    configs.length < siteConfigs.length;
  return {
    taskResults: results,
    proxyResult: hasRoomForProxyResult ? proxyResult : null,
    facts,
    containers: hasRoomForContainers ? fitting : null,
    replicas: reports,
    siteConfigs: configs,
    omittedContainers: hasRoomForContainers ? (containers?.length ?? 0) - fitting.length : 0,
    // What fits into no body at all must not make the heartbeats run hot.
    hasMore: hasLeft && room < BODY_BYTES,
  };
}

function fitTaskResult(result: TaskResult): TaskResult {
  const hasReasons = result.status === 'succeeded' && result.type === 'UPDATE_NGINX';
  return hasReasons ? { ...result, result: fitReasons(result.result) } : result;
}

/** A result whose thousands of reasons would not fit has them shortened: that a site was refused must arrive. */
function fitReasons(result: UpdateNginxResult): UpdateNginxResult {
  const isFitting = (candidate: UpdateNginxResult): boolean => measure(candidate) <= BODY_BYTES - RESULT_FRAME_BYTES;
  for (const length of REASON_LENGTHS) {
    const shortened = shortenReasons(result, length);
    if (isFitting(shortened)) return shortened;
  }
  return shortenReasons(result, 1);
}

function shortenReasons(result: UpdateNginxResult, length: number): UpdateNginxResult {
  return {
    ...result,
    rejectedSites: result.rejectedSites.map((site) => ({ ...site, reason: cut(site.reason, length) })),
  };
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}

/** Running ones first: they are what an operator looks for. */
function fitContainers(containers: readonly ObservedContainer[]): ObservedContainer[] {
  let room = BODY_BYTES;
  const isRunning = (container: ObservedContainer): number => (container.state === 'running' ? 0 : 1);
  const ordered = containers.toSorted((a, b) => isRunning(a) - isRunning(b)).slice(0, MAX_CONTAINERS_PER_AGENT);
  return takeWhile(ordered, (container) => {
    room -= measure(container);
    return room >= 0;
  });
}

function takeWhile<Item>(items: readonly Item[], isTaken: (item: Item, index: number) => boolean): Item[] {
  const end = items.findIndex((item, index) => !isTaken(item, index));
  return end === -1 ? [...items] : items.slice(0, end);
}

/** Bytes of an array's element in the body, with its comma. */
function measure(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value)) + 1;
}
