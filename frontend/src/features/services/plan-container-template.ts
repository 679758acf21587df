import type { ObservedContainer } from '@flotilla/contracts';

/** What the inventory of a node does not know of its containers. */
const UNKNOWN = ['environment', 'command', 'volumes', 'limits', 'labels'] as const;

type Untaken = (typeof UNKNOWN)[number] | 'image' | 'publishedPorts' | 'otherNetworks' | 'port';

export interface ContainerTemplate {
  /** Null when the container's image has no name any more. */
  readonly image: string | null;
  /** Null for Docker's default. */
  readonly network: string | null;
  /** The only TCP port; null when there is none or a choice. */
  readonly port: number | null;
  /** What the operator has to see to. */
  readonly untaken: readonly Untaken[];
}

/** Networks that are there without anybody having made them; a replica is on the default one without being told. */
const DEFAULT_NETWORKS: ReadonlySet<string> = new Set(['bridge', 'host', 'none']);

/** What replicas take over of a container of the node, and what not. */
export function planContainerTemplate({
  image,
  ports,
  networks,
}: Pick<ObservedContainer, 'image' | 'ports' | 'networks'>): ContainerTemplate {
  // Docker shows the id of an image whose name another one has got.
  const isNamed = !image.startsWith('sha256:') && !/^[0-9a-f]{12,64}$/.test(image);
  const own = networks.map(({ name }) => name).filter((name) => !DEFAULT_NETWORKS.has(name));
  const open = [
    ...new Set(ports.filter(({ protocol }) => protocol === 'tcp').map(({ containerPort }) => containerPort)),
  ];
  return {
    image: isNamed ? image : null,
    network: own[0] ?? null,
    port: open.length === 1 ? (open[0] ?? null) : null,
    untaken: [
      ...(isNamed ? [] : (['image'] as const)),
      ...(open.length === 1 ? [] : (['port'] as const)),
      ...UNKNOWN,
      ...(ports.some(({ hostPort }) => hostPort !== null) ? (['publishedPorts'] as const) : []),
      ...(own.length > 1 ? (['otherNetworks'] as const) : []),
    ],
  };
}
