import type { ObservedContainer } from '@flotilla/contracts';

export interface ContainerGroup {
  /** Null for containers that Compose has not made. */
  readonly project: string | null;
  readonly containers: readonly ObservedContainer[];
}

/** Containers by Compose project, and in it by service; those of no project last. */
export function planContainerGroups(containers: readonly ObservedContainer[]): ContainerGroup[] {
  const projects = [...new Set(containers.map(({ composeProject }) => composeProject))];
  return projects.toSorted(compareProjects).map((project) => ({
    project,
    containers: containers.filter(({ composeProject }) => composeProject === project).toSorted(compareContainers),
  }));
}

function compareProjects(left: string | null, right: string | null): number {
  if (left === null || right === null) return Number(left === null) - Number(right === null);
  return left.localeCompare(right);
}

function compareContainers(left: ObservedContainer, right: ObservedContainer): number {
  const byService = (left.composeService ?? '').localeCompare(right.composeService ?? '');
  return byService || left.name.localeCompare(right.name, undefined, { numeric: true });
}
