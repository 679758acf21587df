/** Where a process's control groups are, below the mounts of the controllers. */
export interface CgroupMembership {
  /** 2: one tree for everything, under the empty name. */
  readonly version: 1 | 2;
  /** Of version 1 by controller (`memory`, `cpuacct`, …). */
  readonly paths: ReadonlyMap<string, string>;
}

const UNIFIED = '';

/**
 * `/proc/<pid>/cgroup` (cgroups(7)): lines `hierarchy:controllers:path`. A host that has both versions keeps its controllers
 * in version 1.
 */
export function parseCgroupMembership(text: string): CgroupMembership | null {
  const paths = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, controllers, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    if (controllers === undefined || path === undefined) continue;
    for (const controller of controllers.split(',')) paths.set(controller, path);
  }
  if (paths.has('memory')) return { version: 1, paths };
  return paths.has(UNIFIED) ? { version: 2, paths } : null;
}

/** Whether these are groups of a container: its id is in the path, whatever manages the groups. */
export function belongsToContainer({ paths }: CgroupMembership, containerId: string): boolean {
  return [...paths.values()].some((path) => path.includes(containerId));
}
