import { isReplicaTarget, type DesiredState, type RejectedSite, type SiteConfig } from '@flotilla/contracts';
import type { Logger } from '@flotilla/runtime';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { RefusedNetwork } from '../shared/ban-gate.ts';
import type { ReadErrorPage } from '../shared/error-page-source.ts';
import { listTargets } from '../shared/list-targets.ts';
import { applyRelease, type ActivationDeps } from './apply-release.ts';
import { writeBans } from './bans/write-bans.ts';
import type { CertificatesRepository } from './certificates/certificates.repository.ts';
import type { NginxDriver, NginxFacts } from './drivers/driver.ts';
import { formatSiteConfig } from './format-site-config.ts';
import { createErrorPageWriter } from './error-pages/write-error-pages.ts';
import { hostsOf } from './hosts-of.ts';
import type { Layout } from './layout.ts';
import { parseBindPort } from './parse-nginx-output.ts';
import type { ApplyStep, ProxySettings, ReadCertificate, ResolveContainer } from './proxy.ts';
import type { AddressBook } from './read-addresses.ts';
import { isPortFree } from './read-port.ts';
import { readPresentFiles } from './read-present-files.ts';
import { readServedRelease } from './read-served-release.ts';
import type { RenderOptions } from './render-options.ts';
import { buildRelease, sitesServedBy, type ReleaseBuilding } from './releases/build-release.ts';
import type { ReleaseRecord } from './releases/release.ts';
import type { ReleasesRepository } from './releases/releases.repository.ts';
import type { Rosters } from './resolve-targets.ts';
import { writeSite, type WrittenSite } from './write-site.ts';

export interface ConfiguratorDeps {
  readonly settings: ProxySettings;
  readonly layout: Layout;
  readonly controlSocket: string;
  readonly driver: NginxDriver;
  readonly releases: ReleasesRepository;
  readonly certificates: CertificatesRepository;
  readonly readCertificate: ReadCertificate;
  readonly addressBook: AddressBook;
  readonly resolveContainer: ResolveContainer;
  readonly readErrorPage: ReadErrorPage;
  readonly logger: Logger;
  readonly onStep: (step: ApplyStep) => void | Promise<void>;
  readonly onSitesRendered: (configs: readonly SiteConfig[]) => void;
}

/** What became of a desired state, null for the empty one of a node that the Core has told nothing yet. */
export type Configuring =
  | { readonly ok: true; readonly record: ReleaseRecord; readonly hasReloaded: boolean }
  | {
      readonly ok: false;
      readonly reason: string;
      readonly rejectedSites: readonly RejectedSite[];
      /** Those of the new rosters' sites that it is about; none when it is about all. */
      readonly lostSites: readonly RejectedSite[];
    };

export interface ConfigureOptions {
  /** Who gets no answers. */
  readonly refused: ReadonlyMap<string, RefusedNetwork>;
  /** False for another try of the same, which leaves alone what nginx refused before. */
  readonly isAskedFor: boolean;
  readonly rosters: Rosters;
  /**
   * Services whose rosters are news. One of them that serves goes on with all the replicas of its roster, or nothing is
   * changed.
   */
  readonly newRosters?: ReadonlySet<string>;
}

/** What an agent before this one left on disk. */
export interface Remembered {
  /** Null when there is none. */
  readonly desired: DesiredState | null;
  readonly rosters: Rosters;
}

export interface Configurator {
  /** Finds out what nginx serves and what the last agent knew. @throws NginxUnavailableError */
  readonly recover: () => Promise<Remembered>;
  /** Makes nginx serve a desired state, starting it when it does not run. @throws NginxUnavailableError */
  readonly configure: (desired: DesiredState | null, options: ConfigureOptions) => Promise<Configuring>;
  /** Starts nginx with what is on disk, when nothing newer can be made of it. */
  readonly startFromDisk: () => Promise<boolean>;
  /** What nginx confirmed that it serves. */
  readonly serving: () => ReleaseRecord | null;
  readonly facts: () => NginxFacts | null;
  /** Why HTTPS is not served; null when it is. */
  readonly httpsProblem: () => string | null;
  readonly readSiteConfigs: () => Promise<SiteConfig[]>;
}

export function createConfigurator(deps: ConfiguratorDeps): Configurator {
  const { settings, layout, controlSocket, driver, releases, addressBook, logger } = deps;
  const refusedFiles = new Map<string, string>();
  const announcedVersions = new Map<string, string>();
  const errorPages = createErrorPageWriter(layout.root, deps.readErrorPage);
  let facts: NginxFacts | null = null;
  let serving: ReleaseRecord | null = null;
  let httpsProblem: string | null = null;

  const activationDeps = ({ workerCount }: NginxFacts): ActivationDeps => ({ ...deps, workerCount });

  const recover = async (): Promise<Remembered> => {
    await releases.open();
    facts = await driver.readFacts();
    const current = await releases.read('current');
    serving = (await readServing()) ?? (await releases.read('lastGood')) ?? current;
    for (const [key, endpoints] of Object.entries(serving?.endpoints ?? {})) {
      const host = /^host (.*)$/.exec(key)?.[1];
      if (host !== undefined && !addressBook.find(host).ok) {
        addressBook.remember(
          host,
          endpoints.map(({ address }) => address),
        );
      }
    }
    const { desired = null, rosters = {} } = current ?? serving ?? {};
    return { desired, rosters: new Map(Object.entries(rosters)) };
  };

  const readServing = async (): Promise<ReleaseRecord | null> => {
    if (!(await driver.isRunning())) return null;
    if (!(await isThere(controlSocket))) {
      // It keeps the socket's descriptor, so that no reload would make a new one: it could never be asked again.
      logger.warn('nginx’s control socket is gone; nginx is started anew');
      await driver.stop();
      return null;
    }
    const id = await readServedRelease(controlSocket);
    return id === null ? null : releases.readById(id);
  };

  const build = async (
    desired: DesiredState | null,
    nginx: NginxFacts,
    { refused, rosters, newRosters = new Set() }: ConfigureOptions,
  ): Promise<ReleaseBuilding> => {
    const served = serving?.servedSites.map(({ serviceId }) => serviceId) ?? [];
    const indispensable = new Set(served.filter((serviceId) => newRosters.has(serviceId)));
    const options = renderOptions(settings, layout.root, controlSocket, nginx, httpsProblem === null);
    const writer = {
      root: layout.root,
      options,
      sources: {
        addressBook,
        resolveContainer: deps.resolveContainer,
        rosters,
        complete: indispensable,
        servedOtherwise: listServedOtherwise(serving),
        known: serving?.endpoints ?? {},
        hasIpv6: nginx.hasIpv6,
      },
      certificates: deps.certificates,
      readCertificate: deps.readCertificate,
      errorPages,
      workerGroupId: nginx.workerGroupId,
      httpsProblem,
      present: await readPresentFiles(layout.root),
    };
    return buildRelease(desired, serving, {
      options,
      releases,
      refusedFiles,
      rosters,
      bansFile: await writeBans(refused.values(), writer),
      indispensable,
      write: (site) => writeSite(site, writer),
      test: driver.test,
      onRendered: () => deps.onStep('rendered'),
    });
  };

  const buildAndApply = async (
    desired: DesiredState | null,
    nginx: NginxFacts,
    options: ConfigureOptions,
  ): Promise<Configuring> => {
    const building = await build(desired, nginx, options);
    if (building.outcome === 'refused') return { ok: false, ...building };
    const { record, sites, outcome } = building;
    // Workers that outlived their master answer too, but nobody could reload them.
    const isServed =
      outcome === 'unchanged' && (await driver.isRunning()) && (await readServedRelease(controlSocket)) === record.id;
    if (!isServed) {
      if (outcome === 'built') await deps.onStep('tested');
      const applied = await applyRelease(record, serving, activationDeps(nginx));
      const { rejectedSites } = record;
      if (!applied.ok) return { ok: false, reason: applied.words, rejectedSites, lostSites: [] };
    }
    if (outcome === 'unchanged' && !isDeepStrictEqual(record, serving)) await releases.remember(record);
    serving = record;
    announce(sites);
    await cleanUp();
    return { ok: true, record, hasReloaded: !isServed };
  };

  const cleanUp = async (): Promise<void> => {
    try {
      await releases.prune();
    } catch (error) {
      // The configuration serves; old files only take room until the next change.
      logger.warn({ err: error }, 'old releases could not be removed');
    }
  };

  const configure = async (desired: DesiredState | null, options: ConfigureOptions): Promise<Configuring> => {
    const { isAskedFor } = options;
    const nginx = (facts ??= await driver.readFacts());
    if (isAskedFor) refusedFiles.clear();
    if (httpsProblem !== null && (await isHttpsWorthTrying(isAskedFor))) httpsProblem = null;
    await addressBook.learn(hostsOf(desired));
    const configuring = await buildAndApply(desired, nginx, options);
    if (configuring.ok || httpsProblem !== null || !isAboutPort(configuring.reason, settings.httpsPort)) {
      return configuring;
    }
    logger.warn({ reason: configuring.reason }, 'sites with TLS are left out: the HTTPS port cannot be used');
    httpsProblem = configuring.reason;
    return buildAndApply(desired, nginx, options);
  };

  const isHttpsWorthTrying = async (isAskedFor: boolean): Promise<boolean> =>
    settings.mode.kind === 'process' ? isPortFree(settings.listenAddress, settings.httpsPort) : isAskedFor;

  const startFromDisk = async (): Promise<boolean> => {
    const nginx = (facts ??= await driver.readFacts());
    const candidates = [await releases.read('current'), await releases.read('lastGood')];
    for (const candidate of new Map(candidates.map((record) => [record?.id, record])).values()) {
      if (candidate === null) continue;
      const { ok } = await applyRelease(candidate, serving, activationDeps(nginx));
      if (!ok) continue;
      serving = candidate;
      return true;
    }
    return false;
  };

  const announce = (sites: readonly WrittenSite[]): void => {
    // A revision with an equal file is reported as well: its history shows the file.
    const versionOf = ({ site, sharedFiles: [file] }: WrittenSite): string => `${site.serviceRevision} ${file}`;
    const changed = sites.filter((written) => announcedVersions.get(written.site.serviceId) !== versionOf(written));
    announcedVersions.clear();
    for (const written of sites) announcedVersions.set(written.site.serviceId, versionOf(written));
    if (changed.length === 0) return;
    deps.onSitesRendered(changed.map(({ site, text }) => formatSiteConfig(site.serviceId, site.serviceRevision, text)));
  };

  return {
    recover,
    configure,
    startFromDisk,
    serving: () => serving,
    facts: () => facts,
    httpsProblem: () => httpsProblem,
    readSiteConfigs: () =>
      Promise.all(
        (serving?.servedSites ?? []).map(async ({ serviceId, serviceRevision, file }) =>
          formatSiteConfig(serviceId, serviceRevision, await readFile(join(layout.root, file), 'utf8')),
        ),
      ),
  };
}

function renderOptions(
  { listenAddress, httpPort, httpsPort }: ProxySettings,
  root: string,
  controlSocket: string,
  { version: nginxVersion, hasIpv6, workerCount, workerUser }: NginxFacts,
  isHttpsServed: boolean,
): RenderOptions {
  return {
    nginxVersion,
    listenAddress,
    httpPort,
    httpsPort,
    isHttpsServed,
    hasIpv6,
    root,
    controlSocket,
    workerCount,
    workerUser,
  };
}

function isAboutPort(reason: string, port: number): boolean {
  return reason.split('\n').every((words) => parseBindPort(words) === port);
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
}

/** Services of which nginx serves a version that has no replicas. */
function listServedOtherwise(serving: ReleaseRecord | null): Set<string> {
  const sites = serving === null ? [] : sitesServedBy(serving);
  const withoutReplicas = sites.filter((site) => !listTargets(site).some(isReplicaTarget));
  return new Set(withoutReplicas.map(({ serviceId }) => serviceId));
}
