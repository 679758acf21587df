import type { Logger } from '@flotilla/runtime';
import { chooseOwnAddress, type PolledContainer } from './choose-container-port.ts';
import type { HeldReading } from './choose-kept-series.ts';
import type { CustomReading } from './custom-reading.ts';
import { createEndpointLog } from './endpoint-log.ts';
import { parseAnswer } from './parse-answer.ts';
import type { MetricsEndpoint } from './plan-endpoints.ts';
import { EndpointError, readEndpoint } from './read-endpoint.ts';

export interface EndpointReadingsDeps {
  /** Null while Docker cannot be asked. */
  readonly listContainers: () => readonly PolledContainer[] | null;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** The latest reading of each endpoint; none of one that fails. */
export class EndpointReadings {
  readonly #deps: EndpointReadingsDeps;
  readonly #log;
  readonly #held = new Map<string, { readonly reading: CustomReading; isFresh: boolean }>();
  readonly #triedAtMs = new Map<string, number>();
  #endpoints: readonly MetricsEndpoint[] = [];
  /** Since the start. */
  readings = 0;
  failedReadings = 0;

  constructor(deps: EndpointReadingsDeps) {
    this.#deps = deps;
    this.#log = createEndpointLog(deps.logger);
  }

  get endpoints(): readonly MetricsEndpoint[] {
    return this.#endpoints;
  }

  get failingEndpoints(): number {
    return this.#endpoints.filter(this.#log.isFailing).length;
  }

  /** In the order of the plan. */
  get held(): HeldReading[] {
    return this.#endpoints.flatMap(({ key, containerId }) => {
      const found = this.#held.get(key);
      return found === undefined ? [] : [{ containerId, ...found }];
    });
  }

  /** What is fresh is in a sample now. */
  markTaken(): void {
    for (const one of this.#held.values()) one.isFresh = false;
  }

  /** These are to be read from now on, and why others are not; what is held of what is not asked for any more goes. */
  replacePlan(endpoints: readonly MetricsEndpoint[], problems: readonly string[]): void {
    this.#endpoints = endpoints;
    const asked = new Set(endpoints.map(({ key }) => key));
    for (const state of [this.#held, this.#triedAtMs]) {
      for (const key of state.keys()) if (!asked.has(key)) state.delete(key);
    }
    this.#log.keep(asked, problems);
  }

  /** Docker is away: which containers there are is not known. */
  pause(): void {
    this.#endpoints = [];
  }

  /** Those that answer first, and of equals the one that waits longest. */
  listByUrgency(): MetricsEndpoint[] {
    const lastMs = ({ key }: MetricsEndpoint): number => this.#triedAtMs.get(key) ?? -Infinity;
    const rank = (endpoint: MetricsEndpoint): number => (this.#log.isFailing(endpoint) ? 1 : 0);
    return this.#endpoints.toSorted((a, b) => rank(a) - rank(b) || compare(lastMs(a), lastMs(b)));
  }

  /** Asks an endpoint. Rejects for faults of our own only. */
  async read(endpoint: MetricsEndpoint): Promise<void> {
    this.readings += 1;
    this.#triedAtMs.set(endpoint.key, performance.now());
    try {
      const { text, contentType } = await readEndpoint(endpoint, this.#deps.signal);
      const parsed = parseAnswer(text, contentType);
      if (!parsed.ok) throw new EndpointError(parsed.reason);
      if (!this.#isStillThere(endpoint)) return;
      this.#held.set(endpoint.key, { reading: copyReading(parsed.reading), isFresh: true });
      this.#log.succeeded(endpoint, parsed.reading.left);
    } catch (error) {
      this.#held.delete(endpoint.key);
      if (!(error instanceof EndpointError)) throw error;
      if (this.#deps.signal.aborted || !this.#isStillThere(endpoint)) return;
      this.failedReadings += 1;
      this.#log.failed(endpoint, error.message);
    }
  }

  /** While it was asked, the container may have ended, and its address may be another one's by now. */
  #isStillThere({ containerId, address }: MetricsEndpoint): boolean {
    const containers = this.#deps.listContainers() ?? [];
    const container = containers.find(({ observed }) => observed.id === containerId);
    if (container?.observed.state !== 'running') return false;
    return chooseOwnAddress(container, containers) === address;
  }
}

/** Also of two that are infinite. */
function compare(a: number, b: number): number {
  return a === b ? 0 : a - b;
}

/** Names of their own: a piece of a text keeps the whole answer in memory. */
function copyReading({ series, left }: CustomReading): CustomReading {
  return {
    series: series.map(([name, value]) => [Buffer.from(name, 'latin1').toString('latin1'), value] as const),
    left,
  };
}
