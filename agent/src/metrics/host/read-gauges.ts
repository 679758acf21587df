import type { HostMetric, MetricValue } from '@flotilla/contracts';
import { parseLoadavg } from './parse-loadavg.ts';
import { parseMeminfo } from './parse-meminfo.ts';
import { parsePressure } from './parse-pressure.ts';
import { parseUptime } from './parse-uptime.ts';
import type { KernelFileReader } from './read-kernel-file.ts';

export type HostValues = Partial<Record<HostMetric, MetricValue>>;

/** What the kernel says of the present moment: load, memory, pressure, uptime. */
export function readGauges(readProc: KernelFileReader): HostValues {
  const load = parseLoadavg(readProc('loadavg') ?? '');
  // Since Linux 4.20, and not on every one.
  const readPressure = (resource: string): MetricValue =>
    parsePressure(readProc(`pressure/${resource}`, 'optional') ?? '');
  return {
    load1: load?.load1 ?? null,
    load5: load?.load5 ?? null,
    load15: load?.load15 ?? null,
    ...parseMeminfo(readProc('meminfo') ?? ''),
    pressureCpuPercent: readPressure('cpu'),
    pressureMemoryPercent: readPressure('memory'),
    pressureIoPercent: readPressure('io'),
    uptimeSeconds: parseUptime(readProc('uptime') ?? ''),
  };
}
