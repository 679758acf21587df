import { containerReading, type ContainerReading } from '@flotilla/contracts';
import { chooseEntries } from './choose-entries.ts';
import { noteNames, type UntakenNote } from './untaken-note.ts';

const MAX_VARIABLES = 200;
const MAX_BYTES = 131_072;

type Variable = ContainerReading['environment'][number];

/** What a container’s environment has beyond its image’s. Values never get into a note. */
export function planEnvironment(
  own: readonly string[],
  ofImage: readonly string[],
): { readonly environment: readonly Variable[]; readonly notes: readonly UntakenNote[] } {
  const inherited = new Set(ofImage);
  // Of two of one name the later one counts.
  const differing = new Map(
    own.filter((line) => !inherited.has(line)).map((line): [string, Variable] => [nameOf(line), split(line)]),
  );
  const { taken, refused } = chooseEntries([...differing.values()], {
    check: (entries) => containerReading.shape.environment.safeParse(entries),
    nameOf: ({ name }) => name,
    maxCount: MAX_VARIABLES,
    maxBytes: MAX_BYTES,
  });
  const present = new Set(own.map(nameOf));
  const removed = ofImage.map(nameOf).filter((name) => !present.has(name));
  return {
    environment: taken,
    notes: [...noteNames('environment', refused), ...noteNames('removedVariables', removed)],
  };
}

function nameOf(line: string): string {
  return split(line).name;
}

function split(line: string): Variable {
  const at = line.indexOf('=');
  return at === -1 ? { name: line, value: '' } : { name: line.slice(0, at), value: line.slice(at + 1) };
}
