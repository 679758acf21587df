import { site, type DesiredState, type ErrorPageHashes, type Site } from '@flotilla/contracts';
import { chooseCertificate, type ChoosableCertificate } from '../shared/choose-certificate.ts';

/** How many replicas the node is asked for now. */
export interface NodeScale {
  readonly count: number;
  readonly scaleRevision: number;
}

/** A stored service, as far as its node needs it. */
export interface ServedService {
  readonly id: string;
  readonly name: string;
  readonly revision: number;
  readonly settings: Omit<
    Site,
    'serviceId' | 'serviceRevision' | 'scaleRevision' | 'certificateHash' | 'errorPageHashes' | 'name'
  >;
}

/** A set of error pages, as far as sites need it. */
export interface ServedErrorPages {
  readonly id: string;
  readonly isDefault: boolean;
  readonly pages: Readonly<Record<string, string>>;
}

/** What is known of everything that a node serves. */
export interface NodeContent {
  readonly services: readonly ServedService[];
  /** The numbers of replicas, by service; a service without one has that of its settings. */
  readonly scales: ReadonlyMap<string, NodeScale>;
  /** Those that services can be served with. */
  readonly certificates: readonly (ChoosableCertificate & { readonly hash: string })[];
  /** All sets. */
  readonly errorPages: readonly ServedErrorPages[];
}

/**
 * Everything that a node must serve. Equal services give an equal revision, in whatever order they come and however many replicas
 * they have: nginx does not depend on their number, and scaling must not make a configuration new.
 * @param hash SHA-256 of a text, in hex
 */
export function renderDesiredState(
  { services, scales, certificates, errorPages }: NodeContent,
  hash: (text: string) => string,
): DesiredState {
  const sites = services
    // Parsed once more: what was stored by an earlier version gets the defaults of the fields that it did not know.
    .map(({ id, name, revision, settings }) =>
      site.parse({ ...settings, name, serviceId: id, serviceRevision: revision }),
    )
    .map((one) => ({
      ...one,
      certificateHash: chooseHash(one, certificates),
      errorPageHashes: chooseErrorPages(one.errorPages.set, errorPages),
    }))
    .toSorted((left, right) => (left.serviceId < right.serviceId ? -1 : 1));
  return {
    revision: hash(renderCanonicalJson(sites.map(leaveOutScale))),
    sites: sites.map((one) => withScale(one, scales.get(one.serviceId))),
  };
}

function chooseHash({ tls, domains }: Site, certificates: NodeContent['certificates']): string | null {
  if (tls.mode !== 'certificate') return null;
  return chooseCertificate({ domains, certificateId: tls.certificateId }, certificates)?.hash ?? null;
}

/** A set that is gone (a service's earlier revision had it) gives way to the default. */
function chooseErrorPages(choice: Site['errorPages']['set'], sets: readonly ServedErrorPages[]): ErrorPageHashes {
  if (choice === 'none') return {};
  return (sets.find(({ id }) => id === choice) ?? sets.find(({ isDefault }) => isDefault))?.pages ?? {};
}

/** Members that are undefined are not part of canonical JSON. */
function leaveOutScale(one: Site): object {
  return { ...one, scaleRevision: undefined, replicas: one.replicas && { ...one.replicas, count: undefined } };
}

function withScale(one: Site, scale: NodeScale | undefined): Site {
  if (one.replicas === null || scale === undefined) return one;
  return { ...one, scaleRevision: scale.scaleRevision, replicas: { ...one.replicas, count: scale.count } };
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
