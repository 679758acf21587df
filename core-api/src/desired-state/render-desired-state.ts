import { site, type DesiredState, type Site } from '@flotilla/contracts';

/** A stored service, as far as its node needs it. */
export interface ServedService {
  readonly id: string;
  readonly name: string;
  readonly revision: number;
  readonly settings: Omit<Site, 'serviceId' | 'serviceRevision' | 'name'>;
}

/**
 * Everything that a node must serve. Equal services give an equal revision, in whatever order they come.
 * @param hash SHA-256 of a text, in hex
 */
export function renderDesiredState(services: readonly ServedService[], hash: (text: string) => string): DesiredState {
  const sites = services
    // Parsed once more: what was stored by an earlier version gets the defaults of the fields that it did not know.
    .map(({ id, name, revision, settings }) =>
      site.parse({ ...settings, name, serviceId: id, serviceRevision: revision }),
    )
    .toSorted((left, right) => (left.serviceId < right.serviceId ? -1 : 1));
  return { revision: hash(renderCanonicalJson(sites)), sites };
}

/** JSON with the keys of every object in order, so that equal values have one text. */
export function renderCanonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(renderCanonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${renderCanonicalJson(member)}`);
  return `{${members.join(',')}}`;
}
