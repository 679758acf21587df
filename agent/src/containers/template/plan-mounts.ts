import { containerReading, type ContainerReading } from '@flotilla/contracts';
import { chooseEntries } from './choose-entries.ts';
import type { InspectedContainer, Mount } from './parse-inspection.ts';
import { noteNames, type UntakenNote } from './untaken-note.ts';

const MAX_VOLUMES = 50;
const MAX_BYTES = 65_536;
/** Docker names a volume so that nobody has named. */
const ANONYMOUS_NAME = /^[0-9a-f]{64}$/;
/** Docker's default for binds; a volume's is empty. */
const DEFAULT_PROPAGATION: ReadonlySet<string> = new Set(['', 'rprivate']);

const SPECIAL_OPTIONS: ReadonlySet<string> = new Set(['z', 'Z', 'nocopy']);

type Volume = ContainerReading['volumes'][number];

/** Volumes and binds that replicas share with a container, and what it has beside them. */
export function planMounts({ Mounts, HostConfig }: Pick<InspectedContainer, 'Mounts' | 'HostConfig'>): {
  readonly volumes: readonly Volume[];
  readonly notes: readonly UntakenNote[];
} {
  const isAnonymous = ({ Type, Name }: Mount): boolean => Type === 'volume' && ANONYMOUS_NAME.test(Name);
  const shared = Mounts.filter((mount) => (mount.Type === 'bind' || mount.Type === 'volume') && !isAnonymous(mount));
  const others = Mounts.filter(({ Type }) => !['bind', 'volume', 'tmpfs'].includes(Type));
  const temporary = [
    ...Object.keys(HostConfig.Tmpfs),
    ...Mounts.filter(({ Type }) => Type === 'tmpfs').map(({ Destination }) => Destination),
  ];
  const special = shared.filter(hasOptions);
  const { taken, refused } = chooseEntries(shared.map(readVolume), {
    check: (entries) => containerReading.shape.volumes.safeParse(entries),
    nameOf: ({ source, target }) => `${source}:${target}`,
    maxCount: MAX_VOLUMES,
    maxBytes: MAX_BYTES,
  });
  return {
    volumes: taken,
    notes: [
      ...noteNames('volumes', [...refused, ...others.map(({ Type, Destination }) => `${Destination} (${Type})`)]),
      ...noteNames(
        'anonymousVolumes',
        Mounts.filter(isAnonymous).map(({ Destination }) => Destination),
      ),
      ...noteNames('temporaryFiles', temporary),
      ...noteNames(
        'mountOptions',
        special.map(({ Destination, Mode, Propagation }) => `${Destination} (${Mode || Propagation})`),
      ),
    ],
  };
}

/** Docker itself says `z`, which shares a label of SELinux, of each volume. */
function hasOptions({ Type, Mode, Propagation }: Mount): boolean {
  const options = Mode.split(',').filter((option) => option !== 'z' || Type === 'bind');
  return !DEFAULT_PROPAGATION.has(Propagation) || options.some((option) => SPECIAL_OPTIONS.has(option));
}

function readVolume({ Type, Name, Source, Destination, RW }: Mount): Volume {
  return { source: Type === 'bind' ? Source : Name, target: Destination, readOnly: !RW };
}
