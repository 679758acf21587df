import { readFile } from 'node:fs/promises';

const TICKS_PER_SECOND = 100;

export interface Usage {
  readonly cpuSeconds: number;
  readonly memoryBytes: number;
  /** The most that was resident since the start. */
  readonly peakMemoryBytes: number;
}

/** CPU time since its start, and resident memory, of one process (proc(5): stat, status). */
export async function readUsage(pid: number): Promise<Usage> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  // The name may hold spaces and parentheses; fields count from behind it, where utime is the twelfth.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[11]) + Number(fields[12]);
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const readBytes = (name: string): number => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]) * 1024;
  return {
    cpuSeconds: ticks / TICKS_PER_SECOND,
    memoryBytes: readBytes('VmRSS'),
    peakMemoryBytes: readBytes('VmHWM'),
  };
}
