import type { Suspect } from '@flotilla/contracts';
import {
  decideClasses,
  formatClientWords,
  isScannerAgent,
  NodeTrafficWatch,
  parseFlotillaLine,
  VolumeWatch,
  type NodeTraffic,
} from '@flotilla/traffic';
import type { FindCountry } from '../../shared/country-finder.ts';
import type { ObservedLine } from '../../shared/log-feed.ts';
import { ClientCounts } from './client-counts.ts';
import { LineFilter } from './line-filter.ts';
import { SuspectTally } from './suspect-tally.ts';

const SEPARATOR = 0x22;
/** Ordinary requests from before are told with the first suspicious one, as far back as this at least. */
const REMEMBERED_MS = 120_000;
/** Clients that wait to be told at once; of more the first ones are told, and the others counted as too many. */
const MAX_TALLIES = 5000;
const REFUSED = 403;
const CLOSED = 444;

/** Requests since the start. */
export interface SuspectFigures {
  readonly suspicious: number;
  readonly tooMany: number;
}

/** What clients of this node do that is suspicious, and how much of it, from the lines of nginx's log. */
export class SuspectWatch {
  readonly #filter: LineFilter;
  readonly #volumes: VolumeWatch;
  readonly #findCountry: FindCountry;
  readonly #counts = new ClientCounts(REMEMBERED_MS);
  readonly #traffic = new NodeTrafficWatch();
  readonly #tallies = new Map<string, SuspectTally>();
  readonly #figures = { suspicious: 0, tooMany: 0 };

  /** @param seed a random number that strangers do not know */
  constructor(seed: number, findCountry: FindCountry) {
    this.#findCountry = findCountry;
    this.#filter = new LineFilter(seed);
    this.#volumes = new VolumeWatch(seed);
  }

  get figures(): SuspectFigures {
    return this.#figures;
  }

  get isEmpty(): boolean {
    return this.#tallies.size === 0;
  }

  /**
   * @returns what is to be told of; null for nothing
   */
  observe({ lines, start, end, head, high, low, offsetMs }: ObservedLine): 'suspicious' | 'fast' | null {
    // A client that is banned, or a closed host: it has been told what led to it.
    if (head.upstreamMs === -1 && (head.status === REFUSED || head.status === CLOSED)) return null;
    const timeMs = head.timeMs + offsetMs;
    const isNew = this.#counts.note(high, low, timeMs);
    if (isNew) this.#traffic.noteClient(formatClientWords(high, low), timeMs);
    const isFast = this.#volumes.isFast(high, low, timeMs);
    const methodAt = lines.indexOf(SEPARATOR, lines.indexOf(SEPARATOR, head.clientAt) + 1) + 1;
    const isWorth = this.#filter.isWorthReading(lines, end, head, methodAt) || (isNew && hasScannerAgent(lines, end));
    if (!isFast && !isWorth) {
      this.#traffic.noteOrdinary(timeMs);
      return null;
    }
    const record = parseFlotillaLine(lines, start, end);
    const classes = decideClasses(record);
    if (classes.length === 0) this.#traffic.noteOrdinary(timeMs);
    else this.#figures.suspicious += 1;
    if (classes.length === 0 && !isFast) return null;
    const tally = this.#find(high, low);
    if (tally === null) return null;
    if (isFast) tally.countFast();
    tally.add(record, classes, timeMs);
    return classes.length > 0 ? 'suspicious' : 'fast';
  }

  /** What is to be told, and begins anew. @param nodeId,nowMs of the node's own figures */
  take(nodeId: string, nowMs: number): { readonly suspects: readonly Suspect[]; readonly node: NodeTraffic } {
    const suspects = [...this.#tallies.values()].map((tally) =>
      tally.tell(this.#counts.take(tally.high, tally.low), this.#findCountry(tally.high, tally.low)),
    );
    this.#tallies.clear();
    return { suspects, node: this.#traffic.tell(nodeId, nowMs) };
  }

  #find(high: number, low: number): SuspectTally | null {
    const client = formatClientWords(high, low);
    const known = this.#tallies.get(client);
    if (known !== undefined) return known;
    if (this.#tallies.size >= MAX_TALLIES) {
      this.#figures.tooMany += 1;
      return null;
    }
    const tally = new SuspectTally(client, high, low);
    this.#tallies.set(client, tally);
    return tally;
  }
}

/** Of a client that is new: what names a scanner does so from its first request on. */
function hasScannerAgent(lines: Buffer, end: number): boolean {
  return isScannerAgent(lines.toString('latin1', lines.lastIndexOf(SEPARATOR, end - 1) + 1, end));
}
