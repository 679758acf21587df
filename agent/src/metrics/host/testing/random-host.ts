import { seedRandom } from '../../../testing/seed-random.ts';
import type { DiskCounters } from '../parse-diskstats.ts';
import type { InterfaceCounters } from '../parse-net-dev.ts';
import type { Counters } from '../plan-rates.ts';
import { buildCounters, buildInterface } from './build-counters.ts';

/** No counter of a random host grows by more in a second. */
export const MOST_PER_SECOND = 50_000_000;

const WRAP = 2 ** 32;
const SECTOR_BYTES = 512;
const MODES = ['user', 'system', 'idle', 'iowait', 'steal'] as const;

/** Sectors, and the requests (or packets) that they came in. */
interface Flow {
  sectors: number;
  requests: number;
}

/**
 * A host of 32 or 64 bits whose devices begin anew and vanish, whose iowait jitters, and whose readings come at odd times.
 * The same seed gives the same host.
 */
export function createRandomHost(seed: number): { readonly read: () => Counters } {
  const random = seedRandom(seed);
  const happens = (probability: number): boolean => random() < probability;
  const is32Bit = happens(0.5);
  const show = (count: number): number => (is32Bit ? count % WRAP : count);

  const start = (): Flow => {
    const sectors = Math.floor(random() * 2 * WRAP);
    return { sectors, requests: Math.ceil(sectors / 100) };
  };
  const flows = { receive: start(), transmit: start(), read: start(), write: start() };
  const cpu = { user: 1e6, system: 1e6, idle: 1e7, iowait: 1e5, steal: 1e4 };
  let busyMs = WRAP - Math.floor(random() * 100_000);
  let monotonicMs = 0;

  const work = (seconds: number): void => {
    for (const flow of Object.values(flows)) {
      const sectors = Math.floor((random() * MOST_PER_SECOND * seconds) / SECTOR_BYTES);
      flow.sectors += sectors;
      flow.requests += Math.ceil(sectors / 100);
    }
    for (const mode of MODES) cpu[mode] += Math.floor(random() * seconds * 100);
    busyMs += Math.floor(random() * seconds * 1000);
  };

  const beginAnew = (what: number): void => {
    if (what < 0.3) flows.receive = { sectors: 0, requests: 0 };
    else if (what < 0.6) for (const mode of MODES) cpu[mode] = 0;
    else {
      flows.read = { sectors: 0, requests: 0 };
      busyMs = 0;
    }
  };

  const jitter = (): void => {
    const moved = Math.floor((random() - 0.5) * 400);
    cpu.iowait -= moved;
    cpu.idle += moved;
  };

  /** The clock that is shown may stand still, go back, or jump as after a sleep. */
  const tick = (seconds: number, what: number): number => {
    if (what < 0.05) return 0;
    if (what < 0.1) return -1000 * seconds;
    return what < 0.15 ? 3_600_000 : 1000 * seconds;
  };

  const showInterface = (): InterfaceCounters =>
    buildInterface({
      receivedBytes: show(flows.receive.sectors * SECTOR_BYTES),
      receivedPackets: show(flows.receive.requests),
      transmittedBytes: show(flows.transmit.sectors * SECTOR_BYTES),
      transmittedPackets: show(flows.transmit.requests),
    });

  const showDisk = (): DiskCounters => ({
    reads: show(flows.read.requests),
    readSectors: show(flows.read.sectors),
    writes: show(flows.write.requests),
    writtenSectors: show(flows.write.sectors),
    busyMs: busyMs % WRAP,
  });

  return {
    read: () => {
      const seconds = 0.5 + random() * 14;
      monotonicMs += tick(seconds, random());
      if (happens(0.05)) beginAnew(random());
      work(seconds);
      if (happens(0.2)) jitter();
      return buildCounters({
        monotonicMs,
        cpu: happens(0.02) ? null : { all: { ...cpu }, cores: new Map(happens(0.1) ? [] : [[0, { ...cpu }]]) },
        interfaces: new Map(happens(0.05) ? [] : [['eth0', showInterface()]]),
        disks: new Map(happens(0.05) ? [] : [['sda', showDisk()]]),
      });
    },
  };
}
