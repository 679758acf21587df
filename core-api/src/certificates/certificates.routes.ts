import {
  createSelfSigned,
  deleteCertificate,
  fetchCertificate,
  listCertificates,
  replaceCertificate,
  uploadCertificate,
} from '@flotilla/contracts';
import { handle, type BoundRoute } from '../http/index.ts';
import {
  createSelfSigned as makeSelfSigned,
  removeCertificate,
  replaceCertificate as putInPlace,
  uploadCertificate as addUploaded,
  type ChangeCertificatesDeps,
} from './change-certificates.ts';
import { openCertificate, readCertificate, readCertificates } from './read-certificates.ts';

export function certificatesRoutes(deps: ChangeCertificatesDeps): BoundRoute[] {
  const { database, now, secretBox } = deps;
  return [
    handle(listCertificates, async () => ({ items: await readCertificates(database, now()) })),
    handle(uploadCertificate, async ({ body, user, clientAddress }) =>
      readCertificate(database, await addUploaded(deps, body, { user, clientAddress }), now()),
    ),
    handle(createSelfSigned, async ({ body, user, clientAddress }) =>
      readCertificate(database, await makeSelfSigned(deps, body, { user, clientAddress }), now()),
    ),
    handle(replaceCertificate, async ({ params, body, user, clientAddress }) => {
      await putInPlace(deps, params.id, body, { user, clientAddress });
      return readCertificate(database, params.id, now());
    }),
    handle(deleteCertificate, async ({ params, user, clientAddress }) =>
      removeCertificate(deps, params.id, { user, clientAddress }),
    ),
    handle(fetchCertificate, async ({ agent, body }) => ({
      pem: await openCertificate(database, { agentId: agent.id, hash: body.hash }, secretBox),
    })),
  ];
}
