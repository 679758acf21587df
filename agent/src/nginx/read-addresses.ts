import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { compareText } from '../shared/compare-text.ts';

/** How long a change waits for DNS; an answer that comes later serves the next change. */
const LOOKUP_BOUND_MS = 2000;

export type AddressReading = { readonly ok: true; readonly addresses: readonly string[] } | { readonly ok: false };

export interface AddressBook {
  /** The last known addresses of a host; an address is its own. */
  readonly find: (host: string) => AddressReading;
  /** Looks names up in parallel; a name that does not answer keeps what is known of it. */
  readonly refresh: (hosts: Iterable<string>) => Promise<void>;
  /** The same for names of which nothing is known. */
  readonly learn: (hosts: Iterable<string>) => Promise<void>;
  /** Starts from what an earlier process knew. */
  readonly remember: (host: string, addresses: readonly string[]) => void;
}

export type LookupAddresses = (host: string) => Promise<readonly string[]>;

/**
 * nginx resolves names once, when it reads its configuration, and refuses all of it when one name fails. So the agent
 * resolves them, and nginx gets addresses: it starts without DNS.
 */
export function createAddressBook(
  lookUp: LookupAddresses = lookupAddresses,
  boundMs: number = LOOKUP_BOUND_MS,
): AddressBook {
  const known = new Map<string, readonly string[]>();
  const inFlight = new Map<string, Promise<void>>();

  const start = (host: string): Promise<void> => {
    const lookingUp = lookUp(host)
      .then((addresses) => {
        if (addresses.length > 0) known.set(host, addresses);
      })
      .catch(() => {
        // Whatever DNS says against it: the last known good addresses stay, and `find` tells a name that has none.
      })
      .finally(() => inFlight.delete(host));
    inFlight.set(host, lookingUp);
    return lookingUp;
  };

  const refresh = async (hosts: Iterable<string>): Promise<void> => {
    const names = [...new Set(hosts)].filter((host) => isIP(host) === 0);
    if (names.length === 0) return;
    await withinMs(boundMs, Promise.all(names.map((host) => inFlight.get(host) ?? start(host))));
  };

  return {
    find: (host) => {
      const addresses = isIP(host) === 0 ? known.get(host) : [host];
      return addresses === undefined ? { ok: false } : { ok: true, addresses };
    },
    refresh,
    learn: (hosts) => refresh([...hosts].filter((host) => !known.has(host))),
    remember: (host, addresses) => void known.set(host, addresses),
  };
}

/** All addresses, IPv4 first and in a fixed order: DNS servers rotate theirs, which is no change. */
async function lookupAddresses(host: string): Promise<string[]> {
  const found = await lookup(host, { all: true });
  const sorted = found.toSorted((a, b) => a.family - b.family || compareText(a.address, b.address));
  return [...new Set(sorted.map(({ address }) => address))];
}

/** Resolves when the work is done or the time is over. */
function withinMs(boundMs: number, work: Promise<unknown>): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, boundMs);
    void work.then(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
