import type { RefusedNetwork } from '../../shared/ban-gate.ts';
import { compareText } from '../../shared/compare-text.ts';
import { siteKey } from '../blocks/names.ts';
import { UnsafeValueError } from '../directive.ts';
import { parseNetwork, type Network } from './parse-network.ts';

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
  const entries = [...byNetwork].map(([text, keys]) => ({ text, keys, network: parseNetwork(text) }));
  const keysAt = new Map(entries.map(({ network, keys }) => [positionOf(network, network.prefix), keys]));
  const prefixes = [...new Set(entries.map(({ network }) => network.prefix))];
  return entries
    .map(({ text, network }) => {
      const wider = prefixes.filter((prefix) => prefix <= network.prefix);
      const keys = new Set(wider.flatMap((prefix) => [...(keysAt.get(positionOf(network, prefix)) ?? [])]));
      return `${text} ${[...keys].sort(compareText).join(',')}`;
    })
    .sort(compareText);
}

/** Equal for all networks that are the same up to a prefix length. */
function positionOf({ width, bits }: Network, prefix: number): string {
  return `${width} ${prefix} ${bits >> BigInt(width - prefix)}`;
}
