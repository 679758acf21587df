import { TOP_LISTS_INTERVAL_MS, TRAFFIC_INTERVAL_MS, type ServiceTops, type ServiceTraffic } from '@flotilla/contracts';
import { createLineRest, parseLineRest } from '@flotilla/traffic';
import type { ObservedLine } from '../shared/log-feed.ts';
import { OpenIntervals, type Interval } from './open-intervals.ts';
import { RequestCounts } from './request-counts.ts';
import { RequestTops, type RequestTopsOptions } from './request-tops.ts';

/** nginx writes a line within 100 ms, the reader comes by five times a second, and may be behind a little. */
const LATE_MS = 2000;
/** While the log of a pause is read: so many intervals at once. */
const MOST_INTERVALS = 4;
const MOST_MINUTES = 2;
/** Of a process that stood still for longer nobody knows what it missed. */
const MOST_SILENT = 12;
/** Keys of all lists of one kind on a node, whatever the number of services: at 200 bytes each, 20 MiB for the five kinds. */
const KEYS_OF_NODE = 20_000;
const MOST_KEYS = 400;
/** Twice what is told. */
const FEWEST_KEYS = 40;

/** What is over, and can be told. */
export interface CountedTraffic {
  readonly services: readonly ServiceTraffic[];
  readonly tops: readonly ServiceTops[];
}

export interface TrafficFigures {
  readonly requests: number;
  /** Of more services than are counted, or of none that there can be. */
  readonly untold: number;
}

/** Counts what nginx's log tells, by service and by the time of the requests; memory is bounded whatever comes. */
export class TrafficAggregator {
  readonly #counts = new OpenIntervals<RequestCounts>({
    lengthMs: TRAFFIC_INTERVAL_MS,
    lateMs: LATE_MS,
    most: MOST_INTERVALS,
    create: () => new RequestCounts(),
  });
  readonly #tops: OpenIntervals<RequestTops>;
  readonly #rest = createLineRest();
  #requests = 0;
  /** Services of the minute before: what the keys are divided among. */
  #servicesBefore = 1;
  /** The interval that is told of next, if only that nothing came. */
  #nextFrom: number | null = null;

  constructor(options: Omit<RequestTopsOptions, 'capacity'>) {
    this.#tops = new OpenIntervals({
      lengthMs: TOP_LISTS_INTERVAL_MS,
      lateMs: LATE_MS,
      most: MOST_MINUTES,
      create: (services) => {
        const share = Math.floor(KEYS_OF_NODE / Math.max(this.#servicesBefore, services));
        return new RequestTops({ ...options, capacity: Math.min(MOST_KEYS, Math.max(FEWEST_KEYS, share)) });
      },
    });
  }

  get figures(): TrafficFigures {
    return { requests: this.#requests, untold: this.#counts.untold };
  }

  observe(line: ObservedLine): void {
    const { lines, end, head, offsetMs } = line;
    if (!parseLineRest(lines, end, head, this.#rest)) return;
    const timeMs = head.timeMs + offsetMs;
    this.#requests += 1;
    this.#counts.find(timeMs, lines, head.serviceAt)?.add(lines, head, this.#rest);
    this.#tops.find(timeMs, lines, head.serviceAt)?.add(line, this.#rest);
  }

  /**
   * What is over and was not told yet.
   * @param nowMs by the Core's clock
   * @param isReadable whether all of the log has been read: then what nothing came in is told as such
   */
  take(nowMs: number, isReadable: boolean): CountedTraffic {
    const services = this.#counts.takeOver(nowMs).flatMap((interval) => tell(interval));
    const silent = this.#listSilent(nowMs, services);
    return { services: isReadable ? [...services, ...silent] : services, tops: this.#takeTops(nowMs) };
  }

  /** All that was counted, over or not. */
  takeAll(): CountedTraffic {
    return {
      services: this.#counts.takeOver(Infinity).flatMap((interval) => tell(interval)),
      tops: this.#takeTops(Infinity),
    };
  }

  #takeTops(nowMs: number): ServiceTops[] {
    const minutes = this.#tops.takeOver(nowMs);
    this.#servicesBefore = minutes.at(-1)?.ids.length ?? this.#servicesBefore;
    return minutes.flatMap((interval) => tell(interval));
  }

  #listSilent(nowMs: number, services: readonly ServiceTraffic[]): ServiceTraffic[] {
    const told = new Set(services.flatMap(({ serviceId, from }) => (serviceId === null ? [from] : [])));
    const end = floorTo(nowMs - LATE_MS, TRAFFIC_INTERVAL_MS);
    const silent: ServiceTraffic[] = [];
    const first = Math.max(this.#nextFrom ?? end, end - MOST_SILENT * TRAFFIC_INTERVAL_MS);
    for (let from = first; from < end; from += TRAFFIC_INTERVAL_MS)
      if (!told.has(from)) silent.push(new RequestCounts().tell(null, from));
    this.#nextFrom = end;
    return silent;
  }
}

interface Telling<Told> {
  readonly tell: (serviceId: string | null, from: number) => Told;
}

function tell<Told>({ from, ids, none }: Interval<Telling<Told>>): Told[] {
  const told = ids.map(([serviceId, counts]) => counts.tell(serviceId, from));
  return none === null ? told : [...told, none.tell(null, from)];
}

function floorTo(valueMs: number, stepMs: number): number {
  return Math.floor(valueMs / stepMs) * stepMs;
}
