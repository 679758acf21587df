import { MAX_REASON_LENGTH, type DesiredState, type RejectedSite, type Site } from '@flotilla/contracts';
import { chooseCulprits } from '../choose-culprits.ts';
import { contentHash } from '../content-hash.ts';
import type { CommandResult } from '../drivers/driver.ts';
import { formatComplaints, parseComplaints } from '../parse-nginx-output.ts';
import { isSameVersion, planCandidates, type Candidate } from '../plan-candidates.ts';
import { renderMain } from '../render-main.ts';
import type { RenderOptions } from '../render-options.ts';
import type { KnownEndpoints, Rosters } from '../resolve-targets.ts';
import type { SiteWriting, WrittenSite } from '../write-site.ts';
import { isolateCulprit } from './isolate-culprit.ts';
import type { Release, ReleaseRecord } from './release.ts';
import type { ReleasesRepository, StagedRelease } from './releases.repository.ts';

/** Each round of `nginx -t` leaves out what the one before refused. */
const MOST_ROUNDS = 100;

export interface ReleaseBuilderDeps {
  readonly options: RenderOptions;
  readonly releases: ReleasesRepository;
  readonly write: (site: Site) => Promise<SiteWriting>;
  readonly test: (configFile: string) => Promise<CommandResult>;
  /** Site files that nginx refused before, with its words: not tried again when nobody asked for them anew. */
  readonly refusedFiles: Map<string, string>;
  readonly rosters: Rosters;
  /** The file of who is refused, as a path below the root. */
  readonly bansFile: string;
  /** Services that must go on: what would leave one of them out is refused as a whole. */
  readonly indispensable: ReadonlySet<string>;
  readonly onRendered: () => void | Promise<void>;
}

export type ReleaseBuilding =
  /** Tested and on disk. */
  | { readonly outcome: 'built'; readonly record: ReleaseRecord; readonly sites: readonly WrittenSite[] }
  /** nginx would read what it serves; what the record says besides may be news. */
  | { readonly outcome: 'unchanged'; readonly record: ReleaseRecord; readonly sites: readonly WrittenSite[] }
  | {
      readonly outcome: 'refused';
      readonly reason: string;
      readonly rejectedSites: readonly RejectedSite[];
      /** Those of the indispensable services that it is about; none when it is about all. */
      readonly lostSites: readonly RejectedSite[];
    };

interface Attempt {
  readonly wanted: Site;
  /** Versions that are still to be tried. */
  readonly versions: Site[];
  /** Why the wanted version does not serve. */
  reason: string | null;
  written: WrittenSite | null;
}

/**
 * Renders a desired state and has nginx test it. A site that cannot be served gives way to its earlier version, or is
 * left out; all others go on. Sites that serve already are not suspected of what nginx says.
 * @param desired null for no sites, before the Core said anything
 * @param serving what nginx serves; null when there is nothing to compare with
 */
export async function buildRelease(
  desired: DesiredState | null,
  serving: ReleaseRecord | null,
  deps: ReleaseBuilderDeps,
): Promise<ReleaseBuilding> {
  const attempts = planCandidates(desired?.sites ?? [], serving === null ? [] : sitesServedBy(serving)).map(toAttempt);
  await inParallel(attempts, (attempt) => writeNextVersion(attempt, deps));
  const servingFiles = new Set(serving?.servedSites.map(({ file }) => file));

  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const lost = attempts.filter(({ wanted, written }) => written === null && deps.indispensable.has(wanted.serviceId));
    if (lost.length > 0) return refused(lost.map(({ reason }) => reason).join('\n'), attempts, lost);
    const release = assemble(desired, attempts, deps);
    const sites = writtenSites(attempts);
    if (release.record.id === serving?.id) return { outcome: 'unchanged', record: release.record, sites };
    const staged = await deps.releases.stage(release);
    await deps.onRendered();
    const result = await deps.test(staged.configFile);
    if (result.ok) {
      await staged.keep();
      return { outcome: 'built', record: release.record, sites };
    }
    await staged.discard();

    const suspects = sites.filter(({ sharedFiles: [file] }) => !servingFiles.has(file));
    const isRefused = (some: readonly WrittenSite[]) => testSites(some, desired, attempts, deps);
    const complaint = parseComplaints(result.output)[0];
    const named = complaint === undefined ? [] : chooseCulprits(complaint, sites);
    const culprits = named.length > 0 ? named : await isolateCulprit(sites, suspects, isRefused);
    const words = formatComplaints(result.output);
    if (culprits.length === 0) return refused(words, attempts);
    for (const {
      sharedFiles: [file],
    } of culprits)
      deps.refusedFiles.set(file, words);
    await inParallel(
      attempts.filter(({ written }) => written !== null && culprits.includes(written)),
      (attempt) => writeNextVersion(attempt, deps),
    );
  }
  return refused(`nginx still refused the configuration after ${MOST_ROUNDS} sites were left out`, attempts);
}

/** The versions of the sites that a release serves. */
export function sitesServedBy({ desired, fallbackSites, servedSites }: ReleaseRecord): Site[] {
  const fallbacks = new Map(fallbackSites.map((site) => [site.serviceId, site]));
  const served = new Set(servedSites.map(({ serviceId }) => serviceId));
  const sites = desired?.sites ?? [];
  return sites.filter(({ serviceId }) => served.has(serviceId)).map((site) => fallbacks.get(site.serviceId) ?? site);
}

function toAttempt({ wanted, earlier, reason }: Candidate): Attempt {
  const versions = [...(reason === null ? [wanted] : []), ...(earlier === null ? [] : [earlier])];
  return { wanted, versions, reason, written: null };
}

/** Moves on to the next version that can be written; the first reason is the one about what the operator wanted. */
async function writeNextVersion(attempt: Attempt, { write, refusedFiles }: ReleaseBuilderDeps): Promise<void> {
  if (attempt.written !== null) {
    attempt.reason ??= refusedFiles.get(attempt.written.sharedFiles[0]) ?? null;
    attempt.written = null;
  }
  for (let next = attempt.versions.shift(); next !== undefined; next = attempt.versions.shift()) {
    const writing = await write(next);
    const problem = writing.ok ? refusedFiles.get(writing.written.sharedFiles[0]) : writing.reason;
    if (writing.ok && problem === undefined) {
      attempt.written = writing.written;
      return;
    }
    attempt.reason ??= problem ?? null;
  }
}

function writtenSites(attempts: readonly Attempt[]): WrittenSite[] {
  return attempts.flatMap(({ written }) => (written === null ? [] : [written]));
}

function rejectedSites(attempts: readonly Attempt[]): RejectedSite[] {
  return attempts.flatMap(({ wanted: { serviceId, serviceRevision }, reason }) =>
    reason === null ? [] : [{ serviceId, serviceRevision, reason: reason.slice(0, MAX_REASON_LENGTH) }],
  );
}

function refused(reason: string, attempts: readonly Attempt[], lost: readonly Attempt[] = []): ReleaseBuilding {
  return {
    outcome: 'refused',
    reason: reason.slice(0, MAX_REASON_LENGTH),
    rejectedSites: rejectedSites(attempts),
    lostSites: rejectedSites(lost),
  };
}

function assemble(
  desired: DesiredState | null,
  attempts: readonly Attempt[],
  { options, rosters, bansFile }: Pick<ReleaseBuilderDeps, 'options' | 'rosters' | 'bansFile'>,
): Release {
  const sites = writtenSites(attempts);
  const content: Omit<ReleaseRecord, 'id'> = {
    format: 1,
    desired,
    rejectedSites: rejectedSites(attempts),
    fallbackSites: attempts.flatMap(({ wanted, written }) =>
      written === null || isSameVersion(written.site, wanted) ? [] : [written.site],
    ),
    sitesWithoutPages: sites.flatMap(({ site: { serviceId }, missingPages }) =>
      missingPages.length === 0 ? [] : [{ serviceId, reason: formatMissing(missingPages) }],
    ),
    servedSites: sites.map(({ site: { serviceId, serviceRevision }, sharedFiles: [file] }) => ({
      serviceId,
      serviceRevision,
      file,
    })),
    sharedFiles: [bansFile, ...sites.flatMap(({ sharedFiles }) => sharedFiles)],
    endpoints: Object.assign({}, ...sites.map(({ endpoints }): KnownEndpoints => endpoints)),
    rosters: Object.fromEntries(
      attempts.flatMap(({ wanted: { serviceId } }) => {
        const roster = rosters.get(serviceId);
        return roster === undefined ? [] : [[serviceId, [...roster]]];
      }),
    ),
  };
  const main = {
    siteFiles: sites.map(({ sharedFiles: [file] }) => file),
    bansFile,
    nameCount: sites.reduce((count, { site }) => count + site.domains.length, 0),
  };
  // Of what nginx reads, all of it: names of files carry their content's hash. What else is known may change without a reload.
  const id = contentHash(renderMain({ ...main, releaseId: '' }, options));
  return { record: { ...content, id }, main: renderMain({ ...main, releaseId: id }, options) };
}

function formatMissing(keys: readonly string[]): string {
  return `Served without its error pages for ${keys.join(', ')}, which could not be fetched from the Core yet.`;
}

/** Whether nginx refuses a configuration with only some of the sites. */
async function testSites(
  some: readonly WrittenSite[],
  desired: DesiredState | null,
  attempts: readonly Attempt[],
  deps: ReleaseBuilderDeps,
): Promise<boolean> {
  const chosen = attempts.filter(({ written }) => written !== null && some.includes(written));
  const staged: StagedRelease = await deps.releases.stage(assemble(desired, chosen, deps));
  const { ok } = await deps.test(staged.configFile);
  await staged.discard();
  return !ok;
}

/** Files are written a few at a time: syncing them one after the other is slow, thousands at once exhaust descriptors. */
async function inParallel<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const queue = items.values();
  await Promise.all(
    Array.from({ length: 16 }, async () => {
      for (const item of queue) await work(item);
    }),
  );
}
