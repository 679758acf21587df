import {
  MAX_BODY_BYTES,
  MAX_CONTAINERS_PER_AGENT,
  MAX_SITE_CONFIG_BYTES_PER_HEARTBEAT,
  type AgentFacts,
  type ObservedContainer,
  type SiteConfig,
  type TaskResult,
} from '@flotilla/contracts';

const MAX_RESULTS = 100;
const MAX_SITE_CONFIGS = 200;
/** For the rest of the body: version, session, revision, facts and JSON's own characters. */
const BODY_BYTES = MAX_BODY_BYTES - 65_536;
/** Lengths to which reasons are cut, the first that fits. */
const REASON_LENGTHS = [4000, 1000, 250, 60, 20] as const;

/** What the Core has not acknowledged yet; null where it knows the latest. */
export interface WaitingReport {
  readonly taskResults: readonly TaskResult[];
  readonly facts: AgentFacts | null;
  readonly containers: readonly ObservedContainer[] | null;
  readonly siteConfigs: readonly SiteConfig[];
}

export interface PlannedReport {
  /** As they are sent: cut to what fits. */
  readonly taskResults: TaskResult[];
  readonly facts: AgentFacts | null;
  readonly containers: ObservedContainer[] | null;
  readonly siteConfigs: SiteConfig[];
  /** Containers that no heartbeat has room for. */
  readonly omittedContainers: number;
  /** Something has to wait for the next heartbeat. */
  readonly hasMore: boolean;
}

/** What the next heartbeat carries within the Core's bounds: results first, then the inventory, then site texts. */
export function planReport({ taskResults, facts, containers, siteConfigs }: WaitingReport): PlannedReport {
  let room = BODY_BYTES;
  const take = (bytes: number): boolean => {
    if (bytes > room) return false;
    room -= bytes;
    return true;
  };
  const results = takeWhile(taskResults.slice(0, MAX_RESULTS).map(fitResult), (result) => take(measure(result)));
  const fitting = containers === null ? null : fitContainers(containers);
  const hasRoomForContainers = fitting !== null && take(measure(fitting));
  let textRoom = MAX_SITE_CONFIG_BYTES_PER_HEARTBEAT;
  const configs = takeWhile(siteConfigs.slice(0, MAX_SITE_CONFIGS), (config, index) => {
    textRoom -= Buffer.byteLength(config.text);
    // One text alone may be larger than the bound for several.
    return (textRoom >= 0 || index === 0) && take(measure(config));
  });
  return {
    taskResults: results,
    facts,
    containers: hasRoomForContainers ? fitting : null,
    siteConfigs: configs,
    omittedContainers: hasRoomForContainers ? (containers?.length ?? 0) - fitting.length : 0,
    hasMore:
      results.length < taskResults.length ||
      (fitting !== null && !hasRoomForContainers) ||
      configs.length < siteConfigs.length,
  };
}

/** A result whose thousands of reasons would not fit has them shortened: that a site was refused must arrive. */
function fitResult(result: TaskResult): TaskResult {
  if (result.status !== 'succeeded' || measure(result) <= BODY_BYTES) return result;
  const shortened = REASON_LENGTHS.map((length) => shortenReasons(result, length));
  return shortened.find((candidate) => measure(candidate) <= BODY_BYTES) ?? shortenReasons(result, 1);
}

function shortenReasons(result: TaskResult & { status: 'succeeded' }, length: number): TaskResult {
  const rejectedSites = result.result.rejectedSites.map((site) => ({ ...site, reason: cut(site.reason, length) }));
  return { ...result, result: { ...result.result, rejectedSites } };
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
