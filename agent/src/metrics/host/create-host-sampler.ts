import { join } from 'node:path';
import type { Logger } from '@flotilla/runtime';
import { chooseFileSystems, type FileSystem } from './choose-file-systems.ts';
import { parseMounts } from './parse-mounts.ts';
import { planHostValues } from './plan-host-values.ts';
import { planRates, type Counters } from './plan-rates.ts';
import { MAX_HOST_SERIES, planSeries, type HostSeries } from './plan-series.ts';
import { createCounterReader } from './read-counters.ts';
import { createFileSystemReader } from './read-file-systems.ts';
import { readGauges, type HostValues } from './read-gauges.ts';
import { createKernelFileReader } from './read-kernel-file.ts';
import { createTemperatureReader, type Temperature } from './read-temperatures.ts';

/** Every third sample, every 15 s of 5 s: each device by itself is looked at less often than the host as a whole. */
const SAMPLES_PER_SERIES = 3;

export interface HostSampler {
  /**
   * One reading, one at a time. Rates need two, so they are null in the first; never throws: what cannot be read is null.
   * @param at a clock that nobody sets, such as `performance.now()`
   */
  readonly sample: (at: { readonly monotonicMs: number }) => Promise<HostReading>;
}

export interface HostReading {
  /** All figures of the host except those of the agent itself (`spool…`, `agent…`, `sampleDurationMs`). */
  readonly values: HostValues;
  /** Empty but for every third sample. Rates in it are means since the last that had series, not since the last sample. */
  readonly series: HostSeries;
}

export interface HostSamplerOptions {
  /** Where the host's files are, `/` or `/host`. */
  readonly hostRoot: string;
  readonly logger: Logger;
}

/**
 *     /proc ─▶ parse ─▶ counters ─▶ rates between two readings ─┐
 *           └─▶ parse ─▶ load, memory, pressure, uptime ────────┼─▶ values, every sample
 *     mounts ─▶ choose ─▶ statfs, bounded ──────────────────────┤
 *     /sys   ─▶ sensors, which are slow and change slowly ──────┴─▶ series, every third sample
 *
 * Mounts, sensors and what is a physical device are looked up with every third sample, and hold until the next.
 */
export function createHostSampler({ hostRoot, logger }: HostSamplerOptions): HostSampler {
  const readProc = createKernelFileReader(join(hostRoot, 'proc'), logger);
  const counters = createCounterReader(hostRoot, readProc);
  const readFileSystems = createFileSystemReader({ hostRoot, logger });
  const readTemperatures = createTemperatureReader(hostRoot, logger);
  let samples = 0;
  let previous: Counters | null = null;
  let previousOfSeries: Counters | null = null;
  let chosenFileSystems: readonly FileSystem[] = [];
  let temperatures: readonly Temperature[] = [];
  let hasToldOfLeft = false;

  return {
    sample: async ({ monotonicMs }) => {
      const hasSeries = samples % SAMPLES_PER_SERIES === 0;
      samples += 1;
      if (hasSeries) counters.forgetDevices();
      // At once, because `monotonicMs` is now; what may have to be waited for comes after.
      const current = counters.read({ monotonicMs, withCores: hasSeries });
      const rates = planRates(previous, current);
      previous = current;
      const gauges = readGauges(readProc);
      if (hasSeries) {
        // The list of the host's first process: the reader's own has a container's mounts.
        chosenFileSystems = chooseFileSystems(parseMounts(readProc('1/mounts') ?? ''));
        temperatures = await readTemperatures();
      }
      const fileSystems = await readFileSystems(chosenFileSystems);
      const values = planHostValues({ gauges, rates, fileSystems, temperatures });
      if (!hasSeries) return { values, series: [] };

      const { series, left } = planSeries({ rates: planRates(previousOfSeries, current), fileSystems, temperatures });
      previousOfSeries = current;
      if (left > 0 && !hasToldOfLeft) {
        hasToldOfLeft = true;
        logger.warn({ left, most: MAX_HOST_SERIES }, 'this host has more series than one sends; the last are left out');
      }
      return { values, series };
    },
  };
}
