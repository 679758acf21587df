import { parseDiskstats } from './parse-diskstats.ts';
import { parseNetDev } from './parse-net-dev.ts';
import { parseProcStat } from './parse-proc-stat.ts';
import type { Counters } from './plan-rates.ts';
import type { KernelFileReader } from './read-kernel-file.ts';
import { readPhysicalDisks, readPhysicalInterfaces, rememberDevices } from './read-physical-devices.ts';

export interface CounterReader {
  readonly read: (at: { readonly monotonicMs: number; readonly withCores: boolean }) => Counters;
  /** What is physical is looked up anew: an interface may have become a part of another. */
  readonly forgetDevices: () => void;
}

/** Reads what grows from boot on, of the processors and of physical disks and interfaces. */
export function createCounterReader(hostRoot: string, readProc: KernelFileReader): CounterReader {
  const disks = rememberDevices((names) => readPhysicalDisks(hostRoot, names));
  const interfaces = rememberDevices((names) => readPhysicalInterfaces(hostRoot, names));
  return {
    read: ({ monotonicMs, withCores }) => ({
      monotonicMs,
      cpu: parseProcStat(readProc('stat') ?? '', { withCores }),
      disks: parseDiskstats(readProc('diskstats') ?? '', disks.choose),
      // `net` itself leads to the reader's own network namespace, which in a container is not the host's.
      interfaces: parseNetDev(readProc('1/net/dev', 'optional') ?? readProc('net/dev') ?? '', interfaces.choose),
    }),
    forgetDevices: () => {
      disks.forget();
      interfaces.forget();
    },
  };
}
