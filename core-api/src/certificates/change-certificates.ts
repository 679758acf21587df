import { createHash } from 'node:crypto';
import { MAX_CERTIFICATES, type AuditAction, type CertificateUpload } from '@flotilla/contracts';
import {
  deleteCertificate,
  findCertificate,
  listAgentIds,
  listCertificates,
  listCertificateServices,
  lockAgents,
  newId,
  recordAudit,
  saveCertificate,
  type CertificateRecord,
  type CertificateService,
  type DatabaseSession,
} from '@flotilla/core-db';
import {
  CertificateError,
  makeCertificate,
  readCertificatePair,
  type CertificatePair,
} from '@flotilla/runtime/certificates';
import { BadRequest, Conflict, NotFound, type RequestUser } from '../http/index.ts';
import { userActor } from '../shared/audit-actor.ts';
import { chooseCertificate, listUncovered } from '../shared/choose-certificate.ts';
import type { SecretBox } from '../shared/secret-box.ts';

const DAY_MS = 86_400_000;
/** For clients whose clock is slow. */
const BACKDATED_MS = 60_000;

export interface ChangeCertificatesDeps {
  readonly database: DatabaseSession;
  readonly inTransaction: <Value>(work: (tx: DatabaseSession) => Promise<Value>) => Promise<Value>;
  /** Makes the node's desired state its newest task. */
  readonly refreshDesiredState: (tx: DatabaseSession, agentId: string, createdBy: string) => Promise<void>;
  /** Tells a node that there is something to fetch. A hint: never rejects, and polling finds it too. */
  readonly wakeAgent: (agentId: string) => void;
  readonly secretBox: SecretBox;
  readonly now: () => Date;
}

export interface CertificateEdit {
  readonly user: RequestUser;
  readonly clientAddress: string | null;
}

/** @returns its id @throws BadRequest that names the field; Conflict when it is there already */
export async function uploadCertificate(
  deps: ChangeCertificatesDeps,
  upload: CertificateUpload,
  edit: CertificateEdit,
): Promise<string> {
  const pair = readUpload(upload, deps.now());
  return addCertificate(deps, pair, { source: 'uploaded', action: 'certificate.uploaded' }, edit);
}

/** @returns its id */
export async function createSelfSigned(
  deps: ChangeCertificatesDeps,
  { domains, validDays }: { readonly domains: readonly string[]; readonly validDays: number },
  edit: CertificateEdit,
): Promise<string> {
  const now = deps.now();
  const notBefore = new Date(now.getTime() - BACKDATED_MS);
  const pem = await makeCertificate({ domains, notBefore, notAfter: new Date(now.getTime() + validDays * DAY_MS) });
  const pair = readCertificatePair(pem, pem, now);
  return addCertificate(deps, pair, { source: 'self_signed', action: 'certificate.made' }, edit);
}

/** @throws NotFound; BadRequest also when a domain that it serves would be left out; Conflict */
export async function replaceCertificate(
  deps: ChangeCertificatesDeps,
  id: string,
  upload: CertificateUpload,
  edit: CertificateEdit,
): Promise<void> {
  const pair = readUpload(upload, deps.now());
  await changeCertificates(deps, edit, async (tx, served) => {
    const before = await findCertificate(tx, id);
    if (before === null) throw new NotFound('certificate', id);
    const domains = served.filter(({ certificateId }) => certificateId === id).flatMap((service) => service.domains);
    const missing = listUncovered([...new Set(domains)], pair.facts.names);
    if (missing.length > 0) {
      const message = `does not cover ${missing.join(', ')}, which services serve with the certificate in its place`;
      throw new BadRequest('The certificate covers too little.', [{ field: 'certificate', message }]);
    }
    const after = await save(deps, tx, { id, source: 'uploaded', pair }, edit);
    await audit(tx, 'certificate.replaced', { before, after }, edit);
  });
}

/** @throws NotFound; Conflict when services name it */
export async function removeCertificate(
  deps: ChangeCertificatesDeps,
  id: string,
  edit: CertificateEdit,
): Promise<void> {
  await changeCertificates(deps, edit, async (tx, served) => {
    const before = await findCertificate(tx, id);
    if (before === null) throw new NotFound('certificate', id);
    const naming = served.filter(({ certificateId }) => certificateId === id);
    if (naming.length > 0) {
      const names = naming.map(({ name }) => name).join(', ');
      throw new Conflict(`Services ask for this certificate: ${names}. Choose another one there first.`);
    }
    await deleteCertificate(tx, id);
    await audit(tx, 'certificate.deleted', { before, after: null }, edit);
  });
}

async function addCertificate(
  deps: ChangeCertificatesDeps,
  pair: CertificatePair,
  { source, action }: { readonly source: CertificateRecord['source']; readonly action: AuditAction },
  edit: CertificateEdit,
): Promise<string> {
  const id = newId();
  await changeCertificates(deps, edit, async (tx) => {
    if ((await listCertificates(tx)).length >= MAX_CERTIFICATES) {
      throw new Conflict(`There are ${MAX_CERTIFICATES} certificates, as many as there may be. Remove old ones.`);
    }
    const after = await save(deps, tx, { id, source, pair }, edit);
    await audit(tx, action, { before: null, after }, edit);
  });
  return id;
}

/**
 * Changes certificates, and tells the nodes whose services are served with others from now on. All nodes are held meanwhile:
 * whoever saves a service holds its nodes first as well, so that nobody chooses among certificates of before.
 */
async function changeCertificates(
  { inTransaction, refreshDesiredState, wakeAgent }: ChangeCertificatesDeps,
  { user }: CertificateEdit,
  change: (tx: DatabaseSession, served: readonly CertificateService[]) => Promise<void>,
): Promise<void> {
  const touched = await inTransaction(async (tx) => {
    await lockAgents(tx, await listAgentIds(tx));
    const services = await listCertificateServices(tx);
    const before = await listCertificates(tx);
    await change(tx, services);
    const after = await listCertificates(tx);
    const changed = services.filter(
      (service) => chooseCertificate(service, before)?.hash !== chooseCertificate(service, after)?.hash,
    );
    const agentIds = [...new Set(changed.flatMap((service) => service.agentIds))].toSorted();
    for (const agentId of agentIds) await refreshDesiredState(tx, agentId, user.email);
    return agentIds;
  });
  for (const agentId of touched) wakeAgent(agentId);
}

function readUpload({ certificate, key }: CertificateUpload, now: Date): CertificatePair {
  try {
    return readCertificatePair(certificate, key, now);
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error;
    const { field, message } = error;
    throw new BadRequest('The certificate cannot be used.', [{ field, message }]);
  }
}

async function save(
  { secretBox, now }: ChangeCertificatesDeps,
  tx: DatabaseSession,
  { id, source, pair: { facts, pem } }: { id: string; source: CertificateRecord['source']; pair: CertificatePair },
  { user }: CertificateEdit,
): Promise<CertificateRecord> {
  const hash = createHash('sha256').update(pem).digest('hex');
  const saved = await saveCertificate(tx, {
    ...facts,
    id,
    source,
    hash,
    sealed: secretBox.seal(pem),
    updatedAt: now(),
    updatedBy: user.email,
  });
  if (saved === null) throw new Conflict('This certificate is there already.');
  return saved;
}

async function audit(
  tx: DatabaseSession,
  action: AuditAction,
  { before, after }: { readonly before: CertificateRecord | null; readonly after: CertificateRecord | null },
  { user, clientAddress }: CertificateEdit,
): Promise<void> {
  const subject = after ?? before;
  if (subject === null) return;
  await recordAudit(tx, {
    action,
    actor: userActor(user),
    subject: { kind: 'certificate', id: subject.id, name: subject.names.join(', ').slice(0, 200) },
    clientAddress,
    before: before === null ? undefined : formatForAudit(before),
    after: after === null ? undefined : formatForAudit(after),
  });
}

function formatForAudit({ names, issuer, fingerprint, notAfter }: CertificateRecord): object {
  return { names, issuer, fingerprint, notAfter: notAfter.toISOString() };
}
