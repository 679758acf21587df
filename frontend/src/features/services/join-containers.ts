import type { ObservedContainer } from '@flotilla/contracts';

/** Containers that a target can name: those of all nodes, each name once, by name. */
export function joinContainers(lists: readonly (readonly ObservedContainer[])[]): ObservedContainer[] {
  const byName = new Map<string, ObservedContainer>();
  for (const container of lists.flat()) if (!byName.has(container.name)) byName.set(container.name, container);
  return [...byName.values()].toSorted((a, b) => a.name.localeCompare(b.name));
}
