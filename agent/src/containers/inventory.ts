import type { ObservedContainer } from '@flotilla/contracts';
import { compareText } from '../shared/compare-text.ts';
import { chooseEndpoints, type EndpointChoice } from './choose-endpoints.ts';
import type { DockerStatus, NginxPlace, HostContainer } from './host-container.ts';

export interface InventoryDeps {
  readonly nginx: NginxPlace;
  readonly onDockerStatus: (status: DockerStatus) => void;
  readonly onContainers: (containers: readonly ObservedContainer[]) => void;
  /** A container came, went, or is reached elsewhere: nginx has to be told. */
  readonly onAddresses: () => void;
}

/** `unknown`: Docker cannot be asked now, which says nothing about the container. */
export type Resolution = EndpointChoice | { readonly state: 'unknown'; readonly reason: string };

/** What is known of this host's containers. */
export class Inventory {
  readonly #deps: InventoryDeps;
  #containers: ReadonlyMap<string, HostContainer> = new Map();
  #status: DockerStatus = { available: false, version: null, reason: 'Docker has not answered yet' };
  #addresses = '';

  constructor(deps: InventoryDeps) {
    this.#deps = deps;
  }

  get dockerStatus(): DockerStatus {
    return this.#status;
  }

  /** All containers; null while Docker cannot be asked. */
  get containers(): readonly HostContainer[] | null {
    return this.#status.available ? [...this.#containers.values()] : null;
  }

  /** Where nginx reaches a container's port now. */
  resolve(container: string, port: number): Resolution {
    if (!this.#status.available) {
      return { state: 'unknown', reason: `container "${container}" cannot be found: ${this.#status.reason}` };
    }
    return chooseEndpoints(container, port, [...this.#containers.values()], this.#deps.nginx);
  }

  /** Docker answers, and these are all its containers. */
  replaceAll(version: string, containers: readonly HostContainer[]): void {
    this.#setStatus({ available: true, version, reason: null });
    this.#set(containers);
  }

  /** These of the asked-for containers exist; the others are gone. */
  refresh(askedIds: readonly string[], containers: readonly HostContainer[]): void {
    const asked = new Set(askedIds);
    this.#set([...this.#containers.values()].filter(({ observed }) => !asked.has(observed.id)).concat(containers));
  }

  /** Docker cannot be asked; what was known is kept for when it is back. */
  lose(reason: string): void {
    const wasNeverThere = this.#status.version === null;
    // Sites that came meanwhile could not be resolved: whatever is there when Docker is back is news.
    this.#addresses = '';
    this.#setStatus({ available: false, version: this.#status.version, reason: reason.slice(0, 512) });
    // A host without Docker has no containers, and the Core need not ask for them again and again.
    if (wasNeverThere) this.#deps.onContainers([]);
  }

  #setStatus(status: DockerStatus): void {
    this.#status = status;
    this.#deps.onDockerStatus(status);
  }

  #set(containers: readonly HostContainer[]): void {
    const ordered = containers.toSorted((a, b) => compareText(a.observed.name, b.observed.name));
    this.#containers = new Map(ordered.map((container) => [container.observed.id, container]));
    this.#deps.onContainers(ordered.map(({ observed }) => observed));
    const addresses = JSON.stringify(
      ordered.map(({ observed: { id, name, state, networks }, networkMode }) => [
        id,
        name,
        state,
        networks,
        networkMode,
      ]),
    );
    if (addresses === this.#addresses) return;
    this.#addresses = addresses;
    this.#deps.onAddresses();
  }
}
