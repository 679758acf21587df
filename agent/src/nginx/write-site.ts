import { site as siteSchema, type Site } from '@flotilla/contracts';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { formatPasswordFile } from './blocks/basic-auth.ts';
import { hasOcsp } from '@flotilla/runtime/certificates';
import type { CertificatesRepository } from './certificates/certificates.repository.ts';
import { contentHash } from './content-hash.ts';
import { UnsafeValueError } from './directive.ts';
import type { ErrorPageWriter } from './error-pages/write-error-pages.ts';
import type { ReadCertificate } from './proxy.ts';
import type { RenderOptions } from './render-options.ts';
import { renderSite } from './render-site.ts';
import type { ResolvedCertificate, ResolvedSite } from './resolved-site.ts';
import { resolveTargets, type KnownEndpoints, type TargetSources } from './resolve-targets.ts';
import { writeDurably } from '../shared/write-durably.ts';

const NO_CERTIFICATE =
  'its certificate is not on the node yet; the Core is asked for it again every few seconds, and the site goes on as it was';

export interface WrittenSite {
  readonly site: Site;
  readonly text: string;
  /** Paths below the root: the site's own file first, then what it refers to. */
  readonly sharedFiles: readonly [string, ...string[]];
  readonly endpoints: KnownEndpoints;
  /** What the site should have pages for, and has none here. */
  readonly missingPages: readonly string[];
}

export type SiteWriting =
  { readonly ok: true; readonly written: WrittenSite } | { readonly ok: false; readonly reason: string };

export interface SiteWriterDeps {
  readonly root: string;
  readonly options: RenderOptions;
  readonly sources: TargetSources;
  readonly certificates: CertificatesRepository;
  readonly readCertificate: ReadCertificate;
  readonly errorPages: ErrorPageWriter;
  /** Group that nginx's workers read password files with; undefined when they run as the agent does. */
  readonly workerGroupId: number | undefined;
  /** Why HTTPS is not served; null when it is. */
  readonly httpsProblem: string | null;
  /** Shared files that are on disk; what is written is added. */
  readonly present: Set<string>;
}

/** Renders a site and writes what is not on disk yet, or says why the site cannot be served. */
export async function writeSite(untrusted: Site, deps: SiteWriterDeps): Promise<SiteWriting> {
  // The Core checked the same; a value that came past it must not reach a file either.
  const checked = siteSchema.safeParse(untrusted);
  if (!checked.success) return refuse(checked.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`));
  const site = checked.data;
  if (site.tls.mode !== 'off' && deps.httpsProblem !== null) return refuse([deps.httpsProblem]);
  const reading = resolveTargets(site, deps.sources);
  if (!reading.ok) return refuse([reading.reason]);

  try {
    const passwordFile = await writePasswordFile(site, deps);
    const certificate = await writeCertificate(site, deps);
    if (certificate === 'missing') return refuse([NO_CERTIFICATE]);
    const pages = await deps.errorPages.write(site.errorPageHashes, deps.present);
    const at = (file: string) => join(deps.root, file);
    const resolved: ResolvedSite = {
      site,
      targets: reading.targets,
      locations: reading.locations,
      certificate: certificate && { ...certificate, file: at(certificate.file) },
      passwordFile: passwordFile && at(passwordFile),
      errorPageFiles: pages.files,
    };
    const text = renderSite(resolved, deps.options);
    const file = `sites/${site.serviceId}-${contentHash(text)}.conf`;
    // Without passwords, but an operator's headers may hold keys.
    await writeShared(file, text, deps, { mode: 0o600 });
    const others = [passwordFile, certificate?.file ?? null].filter((name) => name !== null);
    const sharedFiles = [file, ...others, ...pages.sharedFiles] as const;
    return {
      ok: true,
      written: { site, text, sharedFiles, endpoints: reading.endpoints, missingPages: pages.missing },
    };
  } catch (error) {
    if (error instanceof UnsafeValueError) return refuse([error.message]);
    throw error;
  }
}

function refuse(reasons: readonly string[]): SiteWriting {
  return { ok: false, reason: reasons.join('\n') };
}

async function writePasswordFile(site: Site, deps: SiteWriterDeps): Promise<string | null> {
  if (site.basicAuth === null) return null;
  const content = formatPasswordFile(site.basicAuth);
  const file = `auth/${site.serviceId}-${contentHash(content)}`;
  await writeShared(file, content, deps, { mode: 0o640, groupId: deps.workerGroupId });
  return file;
}

async function writeCertificate(site: Site, deps: SiteWriterDeps): Promise<ResolvedCertificate | 'missing' | null> {
  const { tls, certificateHash } = site;
  if (tls.mode === 'off') return null;
  if (tls.mode === 'certificate' && certificateHash !== null) {
    const file = `certificates/${certificateHash}.pem`;
    const isPresent = deps.present.has(file);
    const pem = isPresent ? await readFile(join(deps.root, file), 'utf8') : await deps.readCertificate(certificateHash);
    if (pem === null) return 'missing';
    await writeShared(file, pem, deps, { mode: 0o600 });
    return { file, hasOcsp: hasOcsp(pem), isStandIn: false };
  }
  const file = `certificates/${await deps.certificates.ensure(site.serviceId, site.domains)}`;
  return { file, hasOcsp: false, isStandIn: tls.mode === 'certificate' };
}

async function writeShared(
  file: string,
  content: string,
  { root, present }: SiteWriterDeps,
  options: { mode: number; groupId?: number | undefined },
): Promise<void> {
  // The name carries the content's hash, so what is there is equal.
  if (present.has(file)) return;
  await writeDurably(join(root, file), content, options);
  present.add(file);
}
