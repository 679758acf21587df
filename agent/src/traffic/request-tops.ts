import {
  MAX_TOP_ENTRIES,
  MAX_TOP_KEY_LENGTH,
  topListNames,
  type ServiceTops,
  type TopListName,
} from '@flotilla/contracts';
import { formatClientWords, hashBytes, hashWords, HeavyHitters, unescapeField, type LineRest } from '@flotilla/traffic';
import type { ObservedLine } from '../shared/log-feed.ts';

const DASH = 0x2d;

export interface RequestTopsOptions {
  /** Keys that each list counts at once. */
  readonly capacity: number;
  readonly seed: number;
  /** Null when it is not known, or not told. */
  readonly findCountry: (high: number, low: number) => string | null;
}

/** What came most often to one service in one interval. */
export class RequestTops {
  readonly #options: RequestTopsOptions;
  readonly #lists = new Map<TopListName, HeavyHitters>();

  constructor(options: RequestTopsOptions) {
    this.#options = options;
  }

  add({ lines, high, low }: ObservedLine, rest: LineRest): void {
    // Without a method it is not a request, and what stands there is no path.
    if (rest.methodEnd > rest.methodAt) this.#addField('paths', lines, rest.pathAt, rest.pathEnd);
    this.#addField('referrers', lines, rest.referrerAt, rest.referrerEnd);
    this.#addField('userAgents', lines, rest.userAgentAt, rest.userAgentEnd);
    const clientHash = hashWords(high, low, this.#options.seed);
    const clients = this.#find('clients');
    if (clients.add(clientHash)) clients.name(clientHash, formatClientWords(high, low));
    const country = this.#options.findCountry(high, low);
    if (country !== null) this.#addText('countries', country);
  }

  tell(serviceId: string | null, from: number): ServiceTops {
    const lists: ServiceTops['lists'] = {};
    for (const name of topListNames) {
      const list = this.#lists.get(name);
      if (list !== undefined) lists[name] = list.readTop(MAX_TOP_ENTRIES);
    }
    return { serviceId, from, lists };
  }

  #addField(name: TopListName, lines: Buffer, start: number, end: number): void {
    if (start === end || (end - start === 1 && lines[start] === DASH)) return;
    const hash = hashBytes(lines, start, end, this.#options.seed);
    const list = this.#find(name);
    if (!list.add(hash)) return;
    list.name(hash, unescapeField(lines, start, end).slice(0, MAX_TOP_KEY_LENGTH).toWellFormed());
  }

  #addText(name: TopListName, text: string): void {
    const list = this.#find(name);
    const hash = hashWords(text.charCodeAt(0), text.charCodeAt(1), this.#options.seed);
    if (list.add(hash)) list.name(hash, text);
  }

  #find(name: TopListName): HeavyHitters {
    const known = this.#lists.get(name);
    if (known !== undefined) return known;
    const list = new HeavyHitters(this.#options.capacity);
    this.#lists.set(name, list);
    return list;
  }
}
