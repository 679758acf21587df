import type { Site } from '@flotilla/contracts';
import { findCertificate, type DatabaseSession } from '@flotilla/core-db';
import { BadRequest } from '../http/index.ts';
import { listUncovered } from '../shared/choose-certificate.ts';

/** @throws BadRequest when the certificate that a service names is not there, or is for other domains */
export async function checkCertificate(
  tx: DatabaseSession,
  { tls, domains }: Pick<Site, 'tls' | 'domains'>,
): Promise<void> {
  // What was saved by an earlier version has no such field.
  const id = tls.certificateId ?? null;
  if (id === null) return;
  const found = await findCertificate(tx, id);
  const uncovered = found === null ? [] : listUncovered(domains, found.names);
  if (found !== null && uncovered.length === 0) return;
  const message =
    found === null ? 'names no certificate; choose one that is there' : `does not cover ${uncovered.join(', ')}`;
  throw new BadRequest('The service cannot be served with this certificate.', [
    { field: 'tls.certificateId', message },
  ]);
}
