import { Resolver } from 'node:dns/promises';
import { clientKeyOf } from '@flotilla/traffic';
import { AnswerCache } from './answer-cache.ts';

const TIMEOUT_MS = 1500;
const MAX_AT_ONCE = 16;
/** What waits beyond is not looked up, and nobody is spared for it. */
const MAX_WAITING = 1000;

/** What of a DNS resolver is needed. */
export type NameLookup = Pick<Resolver, 'reverse' | 'resolve4'>;

export interface CrawlerSettings {
  readonly sparesCrawlers: boolean;
  /** Ends of host names, such as `googlebot.com`. */
  readonly crawlerDomains: readonly string[];
}

export interface CrawlerCheckDeps {
  readonly settings: () => CrawlerSettings;
  /** Milliseconds, of any beginning. */
  readonly now: () => number;
  readonly lookup?: NameLookup;
}

/**
 * Whether an address is a crawler's that says so: its name (reverse DNS) ends with a known domain, and that name leads back to the
 * address (Google's "Verify requests from Google crawlers", the same of Bing and Yandex). Anybody may give their address such a name; only
 * the domain's owner can answer for it.
 *
 * Of IPv6 clients only the /64 is known here, which has no name: they are not verified.
 */
export class CrawlerCheck {
  readonly #deps: CrawlerCheckDeps;
  readonly #lookup: NameLookup;
  readonly #hosts: AnswerCache<string | null>;
  readonly #underWay = new Map<string, Promise<string | null>>();
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(deps: CrawlerCheckDeps) {
    this.#deps = deps;
    this.#lookup = deps.lookup ?? new Resolver({ timeout: TIMEOUT_MS, tries: 1 });
    this.#hosts = new AnswerCache(deps.now);
  }

  /** From what is known: false while nobody has looked. @param target an address with its prefix length */
  knows(target: string): boolean {
    const address = addressOf(target);
    return address !== null && this.#isCrawler(this.#hosts.get(address) ?? null);
  }

  /** Looks it up when it is not known; never rejects. A name that cannot be looked up is none. */
  async verify(target: string): Promise<boolean> {
    const address = addressOf(target);
    if (address === null || !this.#deps.settings().sparesCrawlers) return false;
    const known = this.#hosts.get(address);
    return this.#isCrawler(known === undefined ? await this.#ask(address) : known);
  }

  #isCrawler(host: string | null): boolean {
    const { sparesCrawlers, crawlerDomains } = this.#deps.settings();
    return sparesCrawlers && host !== null && crawlerDomains.some((domain) => endsWithDomain(host, domain));
  }

  /** @returns the confirmed name */
  async #ask(address: string): Promise<string | null> {
    const underWay = this.#underWay.get(address);
    if (underWay !== undefined) return underWay;
    if (this.#waiting.length >= MAX_WAITING) return null;
    const asking = this.#confirm(address).finally(() => this.#underWay.delete(address));
    this.#underWay.set(address, asking);
    return asking;
  }

  async #confirm(address: string): Promise<string | null> {
    if (this.#running >= MAX_AT_ONCE) await new Promise<void>((resolve) => void this.#waiting.push(resolve));
    this.#running += 1;
    try {
      const host = await this.#findHost(address);
      this.#hosts.set(address, host, host !== null);
      return host;
    } catch {
      // No name, or no answer in time: asked again when the next ban of it comes after a while.
      this.#hosts.set(address, null, false);
      return null;
    } finally {
      this.#running -= 1;
      this.#waiting.shift()?.();
    }
  }

  async #findHost(address: string): Promise<string | null> {
    const { crawlerDomains } = this.#deps.settings();
    const names = await this.#lookup.reverse(address);
    // Whoever names an address may give it many names: only those that count are asked for.
    const host = names.map(normalise).find((name) => crawlerDomains.some((domain) => endsWithDomain(name, domain)));
    if (host === undefined) return null;
    return (await this.#lookup.resolve4(host)).includes(address) ? host : null;
  }
}

/** Null for networks, and for IPv6. */
function addressOf(target: string): string | null {
  const [address = '', bits] = target.split('/');
  return bits === '32' && !address.includes(':') ? clientKeyOf(address) : null;
}

function normalise(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}

function endsWithDomain(host: string, domain: string): boolean {
  return host === domain || host.endsWith(`.${domain}`);
}
