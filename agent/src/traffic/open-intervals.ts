import { ServiceIndex } from '../shared/service-index.ts';

const SERVICE_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const SERVICE_ID_LENGTH = 36;
/** More services than a node has. */
const MAX_SERVICES = 2000;

/** One interval's counts, by service. */
export interface Interval<Counts> {
  readonly from: number;
  readonly services: ServiceIndex<Counts>;
  readonly ids: [serviceId: string, counts: Counts][];
  /** Of what reached no service. */
  none: Counts | null;
}

export interface OpenIntervalsOptions<Counts> {
  readonly lengthMs: number;
  /** Lines of an interval may come so long after its end. */
  readonly lateMs: number;
  /** Open at once; of more the earliest is closed. */
  readonly most: number;
  /** @param services those of the interval so far */
  readonly create: (services: number) => Counts;
}

/** Intervals that requests are counted in, by the time of the requests; each is taken when it is over, or when another one needs its place. */
export class OpenIntervals<Counts> {
  readonly #options: OpenIntervalsOptions<Counts>;
  #open: Interval<Counts>[] = [];
  #closed: Interval<Counts>[] = [];
  #latest: Interval<Counts> | null = null;
  /** Requests of more services than are counted. */
  untold = 0;

  constructor(options: OpenIntervalsOptions<Counts>) {
    this.#options = options;
  }

  /**
   * The counts that a request belongs to; null when there is no room for its service.
   * @param serviceAt where the service's id begins in the lines; -1 for none
   */
  find(timeMs: number, lines: Buffer, serviceAt: number): Counts | null {
    const { lengthMs } = this.#options;
    const latest = this.#latest;
    const interval =
      latest !== null && timeMs >= latest.from && timeMs < latest.from + lengthMs
        ? latest
        : this.#findInterval(Math.floor(timeMs / lengthMs) * lengthMs);
    if (serviceAt === -1) return (interval.none ??= this.#options.create(interval.ids.length));
    return interval.services.find(lines, serviceAt) ?? this.#addService(interval, lines, serviceAt);
  }

  /** Those that are over, the earliest first; all with `Infinity`. */
  takeOver(nowMs: number): Interval<Counts>[] {
    const { lengthMs, lateMs } = this.#options;
    // What is far ahead of its time is of a clock that was wrong.
    const isOver = ({ from }: Interval<Counts>): boolean =>
      from + lengthMs + lateMs <= nowMs || from > nowMs + lengthMs;
    const over = [...this.#closed, ...this.#open.filter(isOver)];
    this.#closed = [];
    this.#open = this.#open.filter((interval) => !isOver(interval));
    if (this.#latest !== null && !this.#open.includes(this.#latest)) this.#latest = null;
    return over.sort((a, b) => a.from - b.from);
  }

  #findInterval(from: number): Interval<Counts> {
    const known = this.#open.find((interval) => interval.from === from);
    const found = known ?? { from, services: new ServiceIndex<Counts>([]), ids: [], none: null };
    if (known === undefined) this.#open.push(found);
    this.#latest = found;
    if (this.#open.length > this.#options.most) this.#closeEarliest(found);
    return found;
  }

  #closeEarliest(except: Interval<Counts>): void {
    const others = this.#open.filter((interval) => interval !== except);
    const earliest = others.reduce((first, interval) => (interval.from < first.from ? interval : first));
    this.#open = this.#open.filter((interval) => interval !== earliest);
    this.#closed.push(earliest);
  }

  #addService(interval: Interval<Counts>, lines: Buffer, serviceAt: number): Counts | null {
    const serviceId = lines.toString('latin1', serviceAt, serviceAt + SERVICE_ID_LENGTH);
    if (interval.ids.length >= MAX_SERVICES || !SERVICE_ID.test(serviceId)) {
      this.untold += 1;
      return null;
    }
    const counts = this.#options.create(interval.ids.length);
    interval.services.add(serviceId, counts);
    interval.ids.push([serviceId, counts]);
    return counts;
  }
}
