import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseNetDev } from '../host/parse-net-dev.ts';
import { belongsToContainer, parseCgroupMembership, type CgroupMembership } from './parse-cgroup-membership.ts';
import {
  parseCount,
  parseIoStat,
  parseKeyed,
  parseLimit,
  parseServiceBytes,
  type BlockCounters,
} from './parse-cgroup-values.ts';

const NANOSECONDS_PER_MICROSECOND = 1000;

/** One reading of a container; null for what could not be read. */
export interface ContainerCounters {
  readonly cpuNanoseconds: number | null;
  readonly memoryBytes: number | null;
  readonly memoryLimitBytes: number | null;
  readonly block: BlockCounters | null;
  readonly network: { readonly receivedBytes: number; readonly transmittedBytes: number } | null;
  readonly pids: number | null;
  readonly oomKills: number | null;
}

/**
 * Reads a container's control groups and its network, by one of its processes. The files are made by the kernel when they
 * are read, so they are read at once: twenty containers take a few milliseconds.
 * @param hostRoot where the host's `/proc` and `/sys` are: `/`, or `/host` inside a container
 * @returns null when the process is gone, or is another container's by now
 */
export function readContainerCounters(
  hostRoot: string,
  container: { readonly id: string; readonly pid: number; readonly hasOwnNetwork: boolean },
): ContainerCounters | null {
  const text = readText(join(hostRoot, 'proc', String(container.pid), 'cgroup'));
  const membership = text === null ? null : parseCgroupMembership(text);
  if (membership === null || !belongsToContainer(membership, container.id)) return null;
  const groups = membership.version === 1 ? readVersion1(hostRoot, membership) : readVersion2(hostRoot, membership);
  return { ...groups, network: container.hasOwnNetwork ? readNetwork(hostRoot, container.pid) : null };
}

type Groups = Omit<ContainerCounters, 'network'>;

function readVersion1(hostRoot: string, { paths }: CgroupMembership): Groups {
  const read = (controller: string, file: string): string | null => {
    const path = paths.get(controller);
    return path === undefined ? null : readText(join(hostRoot, 'sys/fs/cgroup', controller, path, file));
  };
  const memoryStat = read('memory', 'memory.stat');
  return {
    cpuNanoseconds: parseCount(read('cpuacct', 'cpuacct.usage')),
    memoryBytes: subtract(
      parseCount(read('memory', 'memory.usage_in_bytes')),
      parseKeyed(memoryStat, 'total_inactive_file'),
    ),
    memoryLimitBytes: parseLimit(read('memory', 'memory.limit_in_bytes')),
    block: parseServiceBytes(read('blkio', 'blkio.throttle.io_service_bytes')),
    pids: parseCount(read('pids', 'pids.current')),
    oomKills: parseKeyed(read('memory', 'memory.oom_control'), 'oom_kill'),
  };
}

function readVersion2(hostRoot: string, { paths }: CgroupMembership): Groups {
  const folder = join(hostRoot, 'sys/fs/cgroup', paths.get('') ?? '');
  const read = (file: string): string | null => readText(join(folder, file));
  const cpuMicroseconds = parseKeyed(read('cpu.stat'), 'usage_usec');
  return {
    cpuNanoseconds: cpuMicroseconds === null ? null : cpuMicroseconds * NANOSECONDS_PER_MICROSECOND,
    memoryBytes: subtract(parseCount(read('memory.current')), parseKeyed(read('memory.stat'), 'inactive_file')),
    memoryLimitBytes: parseLimit(read('memory.max')),
    block: parseIoStat(read('io.stat')),
    pids: parseCount(read('pids.current')),
    oomKills: parseKeyed(read('memory.events'), 'oom_kill'),
  };
}

/** As `docker stats` counts memory: without the page cache that the kernel can take back at once. */
function subtract(usedBytes: number | null, inactiveBytes: number | null): number | null {
  return usedBytes === null ? null : Math.max(0, usedBytes - (inactiveBytes ?? 0));
}

/** All interfaces of the process's network namespace but loopback. */
function readNetwork(hostRoot: string, pid: number): ContainerCounters['network'] {
  const text = readText(join(hostRoot, 'proc', String(pid), 'net/dev'));
  if (text === null) return null;
  const interfaces = [...parseNetDev(text, (names) => names.filter((name) => name !== 'lo')).values()];
  return {
    receivedBytes: interfaces.reduce((sum, { receivedBytes }) => sum + receivedBytes, 0),
    transmittedBytes: interfaces.reduce((sum, { transmittedBytes }) => sum + transmittedBytes, 0),
  };
}

/** Null for what is not there: a kernel without a controller, a container that has just ended. */
function readText(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
