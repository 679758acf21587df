import type { PathLocation, Site, Target } from '@flotilla/contracts';
import type { ServingReplica } from '../shared/replica-gate.ts';
import type { Endpoint } from './proxy.ts';

export interface ResolvedEndpoint extends Endpoint {
  /** Whose it is, of a service's replicas. */
  readonly replica?: ServingReplica;
}

/** A target with the addresses that it has now; none while its container is away, or no replica is ready. */
export interface ResolvedTarget {
  readonly target: Target;
  readonly endpoints: readonly ResolvedEndpoint[];
}

export interface ResolvedLocation {
  readonly location: PathLocation;
  readonly target: ResolvedTarget;
}

export interface ResolvedCertificate {
  /** Certificate and key, as nginx sees it. */
  readonly file: string;
  /** The authority tells by OCSP whether it was revoked. */
  readonly hasOcsp: boolean;
  /** It is not what was asked for, but serves until that is there: nobody is sent to it. */
  readonly isStandIn: boolean;
}

/** A site that is ready to be rendered: nothing in it has to be looked up any more. */
export interface ResolvedSite {
  readonly site: Site;
  readonly targets: readonly ResolvedTarget[];
  readonly locations: readonly ResolvedLocation[];
  /** Null without TLS. */
  readonly certificate: ResolvedCertificate | null;
  /** Password file, as nginx sees it; null without basic authentication. */
  readonly passwordFile: string | null;
  /** Names of the site's error pages in their folder, by status. */
  readonly errorPageFiles: ReadonlyMap<string, string>;
}
