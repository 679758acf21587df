import { z } from 'zod';
import { domainList } from '../proxy/site-settings.ts';
import { contentRevision, entityId, instant } from '../values/identifiers.ts';
import { defineRoute } from './route.ts';

const tag = 'certificates';
const params = z.object({ id: entityId });

/** As much as a certificate with the longest chain and a hundred names takes, several times over. */
const MAX_PEM_LENGTH = 100_000;
export const MAX_CERTIFICATES = 5000;
/** Browsers take no certificate that is valid for longer. */
export const MAX_SELF_SIGNED_DAYS = 397;

const pem = z.string().max(MAX_PEM_LENGTH, `must have at most ${MAX_PEM_LENGTH} characters`);

/** `expiring` from two thirds of its life on. */
export const certificateState = z.enum(['valid', 'expiring', 'expired']);
export type CertificateState = z.infer<typeof certificateState>;

/** A certificate as people see it: its key never comes back. */
export const certificate = z.object({
  id: entityId,
  source: z.enum(['uploaded', 'self_signed']),
  state: certificateState,
  /** Domain names; with `*.` for all of one label. */
  names: z.array(z.string()),
  issuer: z.string(),
  serialNumber: z.string(),
  /** SHA-256, in hex with colons, as browsers show it. */
  fingerprint: z.string(),
  keyType: z.string(),
  isSelfSigned: z.boolean(),
  notBefore: instant,
  notAfter: instant,
  createdAt: instant,
  updatedAt: instant,
  updatedBy: z.string(),
  /** The services that are served with it, because they name it or because it is the best for their domains. */
  services: z.array(z.object({ id: entityId, name: z.string() })),
});
export type Certificate = z.infer<typeof certificate>;

const certificateUpload = z.strictObject({
  /** The server's certificate first, then those that lead to the authority (PEM). */
  certificate: pem,
  /** Its private key, without a password (PEM). */
  key: pem,
});
export type CertificateUpload = z.infer<typeof certificateUpload>;

export const listCertificates = defineRoute({
  method: 'get',
  path: '/api/certificates',
  access: 'viewer',
  tag,
  summary: 'All certificates, the one that expires first first',
  status: 200,
  response: z.object({ items: z.array(certificate).max(MAX_CERTIFICATES) }),
});

export const uploadCertificate = defineRoute({
  method: 'post',
  path: '/api/certificates',
  access: 'operator',
  tag,
  summary: 'Add a certificate of your own; 400 names what is wrong with it or with its key',
  body: certificateUpload,
  status: 201,
  response: certificate,
});

export const createSelfSigned = defineRoute({
  method: 'post',
  path: '/api/certificates/self-signed',
  access: 'operator',
  tag,
  summary: 'Make a self-signed certificate, for tests and private networks: browsers warn about it',
  body: z.strictObject({
    domains: domainList,
    validDays: z.number().int().min(1).max(MAX_SELF_SIGNED_DAYS).default(MAX_SELF_SIGNED_DAYS),
  }),
  status: 201,
  response: certificate,
});

export const replaceCertificate = defineRoute({
  method: 'put',
  path: '/api/certificates/:id',
  access: 'operator',
  tag,
  summary: 'Put a newer certificate in the place of one; 400 when it leaves out a domain that is served with it',
  params,
  body: certificateUpload,
  status: 200,
  response: certificate,
});

export const deleteCertificate = defineRoute({
  method: 'delete',
  path: '/api/certificates/:id',
  access: 'operator',
  tag,
  summary: 'Remove a certificate; 409 names the services that ask for it by name',
  params,
  status: 204,
});

export const fetchCertificate = defineRoute({
  method: 'post',
  path: '/api/agent/certificates',
  access: 'agent',
  tag: 'agent protocol',
  summary: 'A node gets a certificate with its key; 404 for one that none of its services is served with',
  body: z.object({ hash: contentRevision }),
  status: 200,
  response: z.object({
    /** Certificate, chain and key; SHA-256 of it is the hash. */
    pem,
  }),
});
