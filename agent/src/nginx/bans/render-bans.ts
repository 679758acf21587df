import { cidrOf, networkOf, type Cidr } from '@flotilla/traffic';
import type { RefusedNetwork } from '../../shared/ban-gate.ts';
import { compareText } from '../../shared/compare-text.ts';
import { siteKey } from '../blocks/names.ts';
import { UnsafeValueError } from '../directive.ts';

/** An IPv4 address lies behind these bits of an IPv6 one, but nginx keeps the two apart. */
const IPV4_PREFIX_BITS = 96;
/** Nothing but what `contracts` makes of a network: it goes into the file as it is. */
const NETWORK = /^[0-9a-f:.]{2,45}\/\d{1,3}$/;

/**
 * The nginx file of who is refused, to be included in `http`. Two radix trees, so that 100,000 networks cost a request no more
 * than one does: `$flotilla_ban` is 1 for whoever all sites refuse, `$flotilla_service_ban` names the sites that refuse.
 * @throws UnsafeValueError
 */
export function renderBans(refused: Iterable<RefusedNetwork>): string {
  const everywhere = new Set<string>();
  const byNetwork = new Map<string, Set<string>>();
  for (const { network, serviceId } of refused) {
    if (!NETWORK.test(network)) throw new UnsafeValueError(network, 'is not a network');
    if (serviceId === null) everywhere.add(network);
    else byNetwork.set(network, (byNetwork.get(network) ?? new Set()).add(siteKey(serviceId)));
  }
  return (
    geo(
      'flotilla_ban',
      '0',
      [...everywhere].sort(compareText).map((network) => `${network} 1`),
    ) + geo('flotilla_service_ban', "''", planServiceEntries(byNetwork))
  );
}

function geo(variable: string, otherwise: string, entries: readonly string[]): string {
  return `geo $${variable} {\n${[`default ${otherwise}`, ...entries].map((entry) => `  ${entry};\n`).join('')}}\n`;
}

/** Of networks within each other nginx takes the narrowest: it has to name the services of the wider ones as well. */
function planServiceEntries(byNetwork: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const entries = [...byNetwork].map(([text, keys]) => ({ text, keys, cidr: cidrOf(text) }));
  const keysAt = new Map(entries.map(({ cidr, keys }) => [positionOf(cidr, cidr.prefixBits), keys]));
  const prefixes = [...new Set(entries.map(({ cidr }) => cidr.prefixBits))];
  return entries
    .map(({ text, cidr }) => {
      const widest = text.includes(':') ? 0 : IPV4_PREFIX_BITS;
      const wider = prefixes.filter((prefixBits) => prefixBits >= widest && prefixBits <= cidr.prefixBits);
      const keys = new Set(wider.flatMap((prefixBits) => [...(keysAt.get(positionOf(cidr, prefixBits)) ?? [])]));
      return `${text} ${[...keys].sort(compareText).join(',')}`;
    })
    .sort(compareText);
}

/** Equal for all networks that are the same up to a prefix length. */
function positionOf({ words }: Cidr, prefixBits: number): string {
  return `${networkOf(words, prefixBits).words.join(' ')} ${prefixBits}`;
}
