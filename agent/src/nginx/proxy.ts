import type { AgentFacts, DesiredState, Site, SiteConfig, UpdateNginxResult } from '@flotilla/contracts';
import type { Logger } from '@flotilla/runtime';
import type { BanGate, RefusedNetwork } from '../shared/ban-gate.ts';
import type { ReadErrorPage } from '../shared/error-page-source.ts';
import type { ReplicaGate } from '../shared/replica-gate.ts';

/** An address that nginx can connect to without asking DNS. */
export interface Endpoint {
  /** IPv4 or IPv6 address, without brackets. */
  readonly address: string;
  readonly port: number;
}

/**
 * Where a container's port is reached now. `unavailable`: Docker says that it is not there or does not run;
 * `unknown`: Docker cannot be asked at the moment, so the last known addresses stay.
 */
export type ContainerResolution =
  | { readonly state: 'available'; readonly endpoints: readonly Endpoint[] }
  | { readonly state: 'unavailable'; readonly reason: string }
  | { readonly state: 'unknown'; readonly reason: string };

/**
 * Answers from the inventory that the agent holds; called for each container target and each replica of each rendering.
 * @param container a name, or a full id
 */
export type ResolveContainer = (container: string, port: number) => ContainerResolution;

/** A certificate of the Core's with its chain and key, from this node's disk; null while it is not here. */
export type ReadCertificate = (hash: string) => Promise<string | null>;

/** Which nginx is driven: one of our own on this host, or one in a container that shares the directory. */
export type NginxMode =
  | { readonly kind: 'process'; readonly binary: string }
  | { readonly kind: 'container'; readonly container: string; readonly dockerSocket: string };

export interface ProxySettings {
  /** Absolute path of a folder of our own; made when missing. nginx's workers must be able to reach it. */
  readonly directory: string;
  readonly mode: NginxMode;
  /** The address that sites are served on; null for all. */
  readonly listenAddress: string | null;
  readonly httpPort: number;
  readonly httpsPort: number;
}

/** The steps of putting a configuration in place, in order; an agent may die after any of them. */
export type ApplyStep = 'rendered' | 'tested' | 'swapped' | 'reloaded' | 'confirmed' | 'recorded';

export interface ProxyDeps {
  readonly settings: ProxySettings;
  readonly logger: Logger;
  readonly resolveContainer: ResolveContainer;
  readonly readCertificate: ReadCertificate;
  /** Pages of sites, as far as they are here; what is not is left out until `reresolve`. */
  readonly readErrorPage: ReadErrorPage;
  /** The text of each site that changed, after nginx confirmed that it serves it. */
  readonly onSitesRendered: (configs: readonly SiteConfig[]) => void;
  /** What came of a change that nobody asked for: an address moved, a name resolves at last, a port became free. */
  readonly onResult: (result: UpdateNginxResult) => void;
  readonly onStatus: (status: ProxyStatus) => void;
  /** Who is refused from nginx’s first configuration on. */
  readonly refusedAtStart?: readonly RefusedNetwork[];
  /** Called after each step and waited for. */
  readonly onStep?: (step: ApplyStep) => void | Promise<void>;
}

export type ProxyStatus = AgentFacts['proxy'];

/** `superseded`: a newer desired state arrived before this one's turn; only the newest is applied. */
export type ApplyOutcome = UpdateNginxResult | { readonly outcome: 'superseded'; readonly revision: string };

export interface Proxy {
  /**
   * Adopts our running nginx, or starts it with the last good configuration from disk, or with an empty one. Resolves
   * also when nginx cannot start: `status()` then says why, and it is tried again until `stop`.
   */
  readonly start: () => Promise<void>;
  /** One at a time, newest wins. Never rejects because of what the desired state holds. */
  readonly apply: (desired: DesiredState) => Promise<ApplyOutcome>;
  /** The same desired state with today's addresses. Call it when containers changed; host names are followed anyway. */
  readonly reresolve: () => Promise<void>;
  /**
   * Which replicas take requests. The first call of a service is answered at once, those that come within a second after a
   * reload together, with one reload. What was served last is on disk, so that an agent that starts changes nothing.
   */
  readonly gate: ReplicaGate;
  readonly bans: BanGate;
  readonly status: () => ProxyStatus;
  /** What the Core asked for last, whether nginx serves it or not; none before the first. */
  readonly wantedSites: () => readonly Site[];
  /** The desired state's revision that nginx confirmed that it serves; null before the first. */
  readonly appliedRevision: () => string | null;
  /** Where nginx writes a line for each request, and its rotated files beside it. */
  readonly accessLogFile: string;
  /** Where nginx writes what goes wrong. */
  readonly errorLogFile: string;
  /** After a log was renamed: nginx begins a new one. @throws NginxUnavailableError when it does not run */
  readonly reopenLogs: () => Promise<void>;
  /** The text of all sites that serve, for a Core that lost it. */
  readonly renderedSites: () => Promise<SiteConfig[]>;
  /** Ends timers and waits for a change in progress; stops nginx too unless it is to go on serving. */
  readonly stop: (options: { readonly leaveServing: boolean }) => Promise<void>;
}
