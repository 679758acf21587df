import { containerReading } from '@flotilla/contracts';
import type { InspectedContainer } from './parse-inspection.ts';
import { noteIf, noteNames, type UntakenNote } from './untaken-note.ts';

const SHORT_ID_LENGTH = 12;
/** What Docker calls the network that a container gets without being told. */
const DEFAULT_NETWORKS: ReadonlySet<string> = new Set(['', 'default', 'bridge']);

/** The network that nginx reaches replicas on, null for Docker’s default, and what of a container’s network is its own alone. */
export function planNetwork(container: InspectedContainer): {
  readonly network: string | null;
  readonly notes: readonly UntakenNote[];
} {
  const { Config, HostConfig, NetworkSettings } = container;
  const mode = HostConfig.NetworkMode;
  const networks = Object.entries(NetworkSettings.Networks);
  const published = listPublishedPorts(HostConfig);
  const notes = [
    ...noteIf(mode === 'host', 'hostNetwork'),
    ...noteIf(mode === 'none' || Config.NetworkDisabled, 'noNetwork'),
    ...noteIf(mode.startsWith('container:'), 'containerNetwork'),
    ...noteNames('publishedPorts', published),
    ...noteNames('links', HostConfig.Links),
    ...noteNames('networkAliases', listAliases(container)),
    ...noteNames(
      'fixedAddress',
      [
        ...networks.flatMap(([, { IPAMConfig }]) => [IPAMConfig?.IPv4Address ?? '', IPAMConfig?.IPv6Address ?? '']),
        Config.MacAddress,
      ].filter((address) => address !== ''),
    ),
  ];
  if (mode === 'host' || mode === 'none' || mode.startsWith('container:')) return { network: null, notes };
  const names = networks.map(([name]) => name).filter((name) => !DEFAULT_NETWORKS.has(name));
  // It may have been told by its id.
  const main = networks.find(
    ([name, { NetworkID }]) => name === mode || (mode !== '' && NetworkID.startsWith(mode)),
  )?.[0];
  const isOnDefault = DEFAULT_NETWORKS.has(mode) && (networks.length === 0 || 'bridge' in NetworkSettings.Networks);
  const wanted = isOnDefault ? null : (main ?? names[0] ?? mode);
  const parsed = containerReading.shape.network.safeParse(wanted);
  return {
    network: parsed.data ?? null,
    notes: [
      ...notes,
      ...noteNames('network', parsed.success || wanted === null ? [] : [wanted]),
      ...noteNames(
        'otherNetworks',
        names.filter((name) => name !== wanted),
      ),
    ],
  };
}

function listPublishedPorts({ PortBindings, PublishAllPorts }: InspectedContainer['HostConfig']): string[] {
  const bound = Object.entries(PortBindings).flatMap(([port, hosts]) =>
    hosts.map(({ HostIp, HostPort }) => `${HostIp === '' ? '' : `${HostIp}:`}${HostPort || '?'}→${port}`),
  );
  return PublishAllPorts ? [...bound, '--publish-all'] : bound;
}

/** Names that others reach it by, beside its own and that which Docker makes of its id. */
function listAliases({ Id, Name, NetworkSettings }: InspectedContainer): string[] {
  const own = new Set([Name.replace(/^\//, ''), Id.slice(0, SHORT_ID_LENGTH)]);
  const aliases = Object.values(NetworkSettings.Networks).flatMap(({ Aliases }) => Aliases);
  return [...new Set(aliases)].filter((alias) => !own.has(alias));
}
