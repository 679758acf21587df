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

  /** What is over and was not told yet; all with `Infinity`. @param nowMs by the Core's clock */
  take(nowMs: number): CountedTraffic {
    const minutes = this.#tops.takeOver(nowMs);
    this.#servicesBefore = minutes.at(-1)?.ids.length ?? this.#servicesBefore;
    return {
      services: this.#counts.takeOver(nowMs).flatMap((interval) => tell(interval)),
      tops: minutes.flatMap((interval) => tell(interval)),
    };
  }
}

interface Telling<Told> {
  readonly tell: (serviceId: string | null, from: number) => Told;
}

function tell<Told>({ from, ids, none }: Interval<Telling<Told>>): Told[] {
  const told = ids.map(([serviceId, counts]) => counts.tell(serviceId, from));
  return none === null ? told : [...told, none.tell(null, from)];
}
