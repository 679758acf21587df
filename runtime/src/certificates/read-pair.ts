import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;
const MIN_RSA_BITS = 2048;
const CURVES: Readonly<Record<string, string>> = {
  prime256v1: 'EC P-256',
  secp384r1: 'EC P-384',
  secp521r1: 'EC P-521',
};
/** Of OpenSSL's words for the addresses that a certificate names (RFC 5280, 4.2.2.1). */
const OCSP = /^OCSP - URI:/m;

/** What is wrong with a certificate and its key, and with which of the two. */
export class CertificateError extends Error {
  override readonly name = 'CertificateError';
  readonly field: 'certificate' | 'key';

  constructor(field: 'certificate' | 'key', message: string) {
    super(message);
    this.field = field;
  }
}

export interface CertificateFacts {
  /** The domain names that it is for, in lower case; with `*.` for all of one label. */
  readonly names: readonly string[];
  /** The issuer's common name, or what is there of its name. */
  readonly issuer: string;
  /** In hex. */
  readonly serialNumber: string;
  /** SHA-256 of the certificate, in hex with colons, as browsers show it. */
  readonly fingerprint: string;
  /** Such as `EC P-256` or `RSA 2048`. */
  readonly keyType: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly isSelfSigned: boolean;
}

export interface CertificatePair {
  readonly facts: CertificateFacts;
  /** The certificate, those of its chain in their order without the root, and the key: what nginx reads. */
  readonly pem: string;
}

/**
 * Reads a certificate with its chain, and its key, and checks that a server can use them together.
 * @param certificatePem the certificate first, then those that lead to the authority
 * @throws CertificateError
 */
export function readCertificatePair(certificatePem: string, keyPem: string, now: Date): CertificatePair {
  const [leaf, ...others] = readCertificates(certificatePem);
  const key = readKey(keyPem);
  if (leaf === undefined) throw new CertificateError('certificate', 'has no certificate in PEM form');
  if (leaf.ca && others.length > 0) {
    throw new CertificateError('certificate', 'begins with an authority’s certificate; put the server’s own one first');
  }
  if (!leaf.checkPrivateKey(key)) throw new CertificateError('key', 'is not the key of this certificate');
  const facts = readFacts(leaf, key);
  if (facts.names.length === 0) {
    throw new CertificateError('certificate', 'names no domain (subjectAltName), and browsers look nowhere else');
  }
  if (facts.notAfter <= now) {
    throw new CertificateError('certificate', `expired on ${facts.notAfter.toISOString()}; get a new one`);
  }
  const chain = orderChain(leaf, others);
  const texts = [leaf, ...chain].map((one) => one.toString().trim());
  return { facts, pem: `${texts.join('\n')}\n${key.export({ type: 'pkcs8', format: 'pem' }).toString()}` };
}

/** Whether the authority of a certificate (the first in the text) tells by OCSP that it was revoked. */
export function hasOcsp(pem: string): boolean {
  return OCSP.test(new X509Certificate(pem).infoAccess ?? '');
}

function readCertificates(pem: string): X509Certificate[] {
  return (pem.match(CERTIFICATE) ?? []).map((one) => {
    try {
      return new X509Certificate(one);
    } catch {
      throw new CertificateError('certificate', 'has a certificate that cannot be read');
    }
  });
}

function readKey(pem: string): KeyObject {
  if (pem.includes('ENCRYPTED')) {
    throw new CertificateError('key', 'is protected by a password; remove that, for instance with openssl pkey');
  }
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch {
    throw new CertificateError('key', 'is no private key in PEM form');
  }
  const bits = key.asymmetricKeyDetails?.modulusLength;
  if (bits !== undefined && bits < MIN_RSA_BITS) {
    throw new CertificateError('key', `has ${bits} bits, and browsers refuse RSA keys of less than ${MIN_RSA_BITS}`);
  }
  return key;
}

function readFacts(leaf: X509Certificate, key: KeyObject): CertificateFacts {
  return {
    names: readNames(leaf),
    issuer: readIssuer(leaf),
    serialNumber: leaf.serialNumber.toLowerCase(),
    fingerprint: leaf.fingerprint256,
    keyType: describeKey(key),
    notBefore: leaf.validFromDate,
    notAfter: leaf.validToDate,
    isSelfSigned: isSelfSigned(leaf),
  };
}

/** `checkIssued` says no where a server's key may not sign certificates, as it should not. */
function isSelfSigned(certificate: X509Certificate): boolean {
  return certificate.subject === certificate.issuer && certificate.verify(certificate.publicKey);
}

/** A name with a comma or a quote in it is written as JSON there, and is no domain. */
function readNames({ subjectAltName }: X509Certificate): string[] {
  const entries = (subjectAltName ?? '').split(', ').filter((entry) => /^DNS:[A-Za-z0-9*._-]+$/.test(entry));
  return [...new Set(entries.map((entry) => entry.slice('DNS:'.length).toLowerCase()))];
}

function readIssuer({ issuer }: X509Certificate): string {
  const parts = issuer.split('\n');
  const named = parts.find((part) => part.startsWith('CN=')) ?? parts.find((part) => part.startsWith('O='));
  return named?.slice(named.indexOf('=') + 1) ?? parts.join(', ');
}

function describeKey({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): string {
  const curve = asymmetricKeyDetails?.namedCurve;
  if (curve !== undefined) return CURVES[curve] ?? `EC ${curve}`;
  const bits = asymmetricKeyDetails?.modulusLength;
  return bits === undefined ? (asymmetricKeyType ?? 'unknown') : `RSA ${bits}`;
}

/** Each certificate before that of its issuer; the root is left out, since whoever trusts it has it. */
function orderChain(leaf: X509Certificate, others: readonly X509Certificate[]): X509Certificate[] {
  const chain: X509Certificate[] = [];
  const left = new Set(others);
  let last = leaf;
  for (;;) {
    const next = [...left].find((one) => last.checkIssued(one) && last.verify(one.publicKey));
    if (next === undefined) break;
    left.delete(next);
    last = next;
    if (!isSelfSigned(next)) chain.push(next);
  }
  const [stranger] = left;
  if (stranger !== undefined && stranger.fingerprint256 !== leaf.fingerprint256) {
    throw new CertificateError(
      'certificate',
      `has a certificate that did not sign the ones before it: ${nameOf(stranger)}`,
    );
  }
  return chain;
}

function nameOf({ subject }: X509Certificate): string {
  return subject.split('\n').find((part) => part.startsWith('CN=')) ?? subject.split('\n').join(', ');
}
