import type { Certificate } from '@flotilla/contracts';
import {
  findSealedCertificate,
  listCertificates,
  listCertificateServices,
  type CertificateRecord,
  type CertificateService,
  type DatabaseSession,
} from '@flotilla/core-db';
import { NotFound, type Serialisable } from '../http/index.ts';
import { chooseCertificate } from '../shared/choose-certificate.ts';
import type { SecretBox } from '../shared/secret-box.ts';
import { decideCertificateState } from './decide-certificate-state.ts';

export type CertificateView = Serialisable<Certificate>;

/** All certificates, each with the services that are served with it. */
export async function readCertificates(db: DatabaseSession, now: Date): Promise<CertificateView[]> {
  const certificates = await listCertificates(db);
  const services = await listCertificateServices(db);
  const byCertificate = Map.groupBy(services, (service) => chooseCertificate(service, certificates)?.id ?? null);
  return certificates.map((one) => formatCertificate(one, byCertificate.get(one.id) ?? [], now));
}

/** @throws NotFound */
export async function readCertificate(db: DatabaseSession, id: string, now: Date): Promise<CertificateView> {
  const found = (await readCertificates(db, now)).find((one) => one.id === id);
  if (found === undefined) throw new NotFound('certificate', id);
  return found;
}

/**
 * A certificate with its key, for a node that serves something with it.
 * @throws NotFound for one that it does not need; SealError
 */
export async function openCertificate(
  db: DatabaseSession,
  { agentId, hash }: { readonly agentId: string; readonly hash: string },
  secretBox: SecretBox,
): Promise<string> {
  const services = await listCertificateServices(db, agentId);
  const certificates = services.length === 0 ? [] : await listCertificates(db);
  const isNeeded = services.some((service) => chooseCertificate(service, certificates)?.hash === hash);
  const sealed = isNeeded ? await findSealedCertificate(db, hash) : null;
  if (sealed === null) throw new NotFound('certificate of this node', hash);
  return secretBox.open(sealed);
}

function formatCertificate(
  { hash: _, ...record }: CertificateRecord,
  services: readonly CertificateService[],
  now: Date,
): CertificateView {
  return {
    ...record,
    state: decideCertificateState(record, now),
    services: services.map(({ id, name }) => ({ id, name })),
  };
}
