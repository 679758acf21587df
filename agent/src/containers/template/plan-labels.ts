import { containerReading, type ContainerReading } from '@flotilla/contracts';
import { chooseEntries } from './choose-entries.ts';
import { noteNames, type UntakenNote } from './untaken-note.ts';

const MAX_LABELS = 100;
const MAX_BYTES = 65_536;
const METRICS_PREFIX = 'flotilla.metrics.';
/** By these Compose, Swarm and Flotilla know what is theirs: a replica that had them would be taken for one of them. */
const FOREIGN_PREFIXES = ['com.docker.compose.', 'com.docker.swarm.', 'com.docker.stack.', 'flotilla.'];

type Label = ContainerReading['labels'][number];

/** What labels a container has beyond its image’s. */
export function planLabels(
  own: Readonly<Record<string, string>>,
  ofImage: Readonly<Record<string, string>>,
): { readonly labels: readonly Label[]; readonly notes: readonly UntakenNote[] } {
  const differing = Object.entries(own).filter(([name, value]) => ofImage[name] !== value);
  const isForeign = (name: string): boolean => FOREIGN_PREFIXES.some((prefix) => name.startsWith(prefix));
  const wanted = differing.filter(([name]) => !isForeign(name)).map(([name, value]) => ({ name, value }));
  const { taken, refused } = chooseEntries(wanted, {
    check: (entries) => containerReading.shape.labels.safeParse(entries),
    nameOf: ({ name }) => name,
    maxCount: MAX_LABELS,
    maxBytes: MAX_BYTES,
  });
  const metrics = differing.map(([name]) => name).filter((name) => name.startsWith(METRICS_PREFIX));
  return { labels: taken, notes: [...noteNames('labels', refused), ...noteNames('metricsLabels', metrics)] };
}
