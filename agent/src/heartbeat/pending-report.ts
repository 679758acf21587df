import type {
  AgentFacts,
  ObservedContainer,
  ServiceReplicasReport,
  SiteConfig,
  TaskResult,
  UpdateNginxResult,
} from '@flotilla/contracts';
import { planReport, type PlannedReport } from './plan-report.ts';

/** A whole that is sent when it changed. */
interface Snapshot<Value> {
  readonly value: Value;
  readonly isWaiting: boolean;
}

/**
 * What the Core still has to be told: kept until a heartbeat that carried it was answered. Newer words about the same
 * thing replace older ones, so it never holds more than one entry a task and a site.
 */
export class PendingReport {
  readonly #results = new Map<string, TaskResult>();
  readonly #siteConfigs = new Map<string, SiteConfig>();
  readonly #replicas = new Map<string, ServiceReplicasReport>();
  #proxyResult: UpdateNginxResult | null = null;
  #facts: Snapshot<AgentFacts> | null = null;
  #containers: Snapshot<readonly ObservedContainer[]> | null = null;

  addResult(result: TaskResult): void {
    this.#results.set(result.taskId, result);
    // The result of an update is about all sites: what was said of them before is out of date.
    if (result.status === 'succeeded' && result.type === 'UPDATE_NGINX') this.#proxyResult = null;
  }

  /** What came of a change that no task asked for. */
  setProxyResult(result: UpdateNginxResult): void {
    this.#proxyResult = result;
  }

  /** A service's replicas, all of them. */
  addReplicas(report: ServiceReplicasReport): void {
    this.#replicas.set(report.serviceId, report);
  }

  addSiteConfigs(configs: readonly SiteConfig[]): void {
    for (const config of configs) this.#siteConfigs.set(config.serviceId, config);
  }

  setFacts(facts: AgentFacts): void {
    this.#facts = update(this.#facts, facts);
  }

  setContainers(containers: readonly ObservedContainer[]): void {
    this.#containers = update(this.#containers, containers);
  }

  /** The Core has lost what it knew of this host. */
  repeatSnapshots(): void {
    if (this.#facts !== null) this.#facts = { ...this.#facts, isWaiting: true };
    if (this.#containers !== null) this.#containers = { ...this.#containers, isWaiting: true };
  }

  get hasResults(): boolean {
    return this.#results.size > 0 || this.#proxyResult !== null;
  }

  /** The next heartbeat's part; `confirm` or a discard follows, or it stays and is planned again. */
  plan(): SentReport {
    const results = [...this.#results.values()];
    const siteConfigs = [...this.#siteConfigs.values()];
    const waiting = {
      taskResults: results,
      proxyResult: this.#proxyResult,
      facts: this.#facts?.isWaiting === true ? this.#facts.value : null,
      containers: this.#containers?.isWaiting === true ? this.#containers.value : null,
      replicas: [...this.#replicas.values()],
      siteConfigs,
    };
    const planned = planReport(waiting);
    return {
      planned,
      results: results.slice(0, planned.taskResults.length),
      proxyResult: planned.proxyResult === null ? null : waiting.proxyResult,
      containers: planned.containers === null ? null : waiting.containers,
    };
  }

  /** The Core has it. What changed since it was planned stays. */
  confirm(sent: SentReport): void {
    this.dropResults(sent);
    this.dropInventory(sent);
  }

  dropResults({ results, proxyResult }: SentReport): void {
    if (this.#proxyResult === proxyResult) this.#proxyResult = null;
    for (const result of results) {
      if (this.#results.get(result.taskId) === result) this.#results.delete(result.taskId);
    }
  }

  dropInventory({ planned, containers }: SentReport): void {
    for (const report of planned.replicas) {
      if (this.#replicas.get(report.serviceId) === report) this.#replicas.delete(report.serviceId);
    }
    for (const config of planned.siteConfigs) {
      if (this.#siteConfigs.get(config.serviceId) === config) this.#siteConfigs.delete(config.serviceId);
    }
    if (this.#facts?.value === planned.facts) this.#facts = { ...this.#facts, isWaiting: false };
    if (this.#containers !== null && this.#containers.value === containers) {
      this.#containers = { value: this.#containers.value, isWaiting: false };
    }
  }
}

/** What a heartbeat carries, and what it stands for: what is sent may have been cut to fit. */
export interface SentReport {
  readonly planned: PlannedReport;
  readonly results: readonly TaskResult[];
  readonly proxyResult: UpdateNginxResult | null;
  readonly containers: readonly ObservedContainer[] | null;
}

function update<Value>(snapshot: Snapshot<Value> | null, value: Value): Snapshot<Value> {
  const isSame = snapshot !== null && JSON.stringify(snapshot.value) === JSON.stringify(value);
  return isSame ? snapshot : { value, isWaiting: true };
}
