import type { ObservedContainer } from '@flotilla/contracts';

/** What the sampler has to know of a container. */
export interface ListedContainer {
  readonly observed: Pick<ObservedContainer, 'id' | 'name' | 'state' | 'health'>;
  /** Docker's network mode: a network's name, `host`, `none` or `container:<id>`. */
  readonly networkMode: string;
}

/** A container that shares the host's interfaces, or another container's, would count their traffic once more. */
export function hasOwnNetwork({ networkMode }: ListedContainer): boolean {
  return networkMode !== 'host' && networkMode !== 'none' && !networkMode.startsWith('container:');
}
