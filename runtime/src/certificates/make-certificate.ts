import { generateKeyPair, randomBytes, sign } from 'node:crypto';
import { promisify } from 'node:util';
import { formatDer, formatObjectIdentifier as oid, formatTime, TAG } from './format-der.ts';

/** The common name takes 64 characters (RFC 5280, ub-common-name), and nobody reads it where there are SANs. */
const COMMON_NAME = 'Flotilla self-signed';
const VERSION_3 = 2;
const SERIAL_BYTES = 16;
const ECDSA_WITH_SHA256 = formatDer(TAG.sequence, oid('1.2.840.10045.4.3.2'));
const DER_TRUE = Buffer.from([0x01, 0x01, 0xff]);
/** A bit string of one bit, digitalSignature. */
const DIGITAL_SIGNATURE = Buffer.from([TAG.bitString, 2, 7, 0x80]);

const generate = promisify(generateKeyPair);

export interface CertificateContent {
  /** ASCII; names with `*` too. */
  readonly domains: readonly string[];
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/**
 * A self-signed certificate of a server (RFC 5280), EC P-256, and its key, as PEM. Written here because a library for it
 * takes 1.5 MB of resident memory on every host, and 10 MB where one is made.
 */
export async function makeCertificate({ domains, notBefore, notAfter }: CertificateContent): Promise<string> {
  const { publicKey, privateKey } = await generate('ec', { namedCurve: 'P-256' });
  const commonName = formatDer(TAG.sequence, oid('2.5.4.3'), formatDer(TAG.utf8String, Buffer.from(COMMON_NAME)));
  const name = formatDer(TAG.sequence, formatDer(TAG.set, commonName));
  const toBeSigned = formatDer(
    TAG.sequence,
    formatDer(TAG.version, formatDer(TAG.integer, Buffer.from([VERSION_3]))),
    formatDer(TAG.integer, makeSerial()),
    ECDSA_WITH_SHA256,
    name,
    formatDer(TAG.sequence, formatTime(notBefore), formatTime(notAfter)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    formatDer(TAG.extensions, formatExtensions(domains)),
  );
  const signature = formatDer(TAG.bitString, Buffer.from([0]), sign('sha256', toBeSigned, privateKey));
  const certificate = formatDer(TAG.sequence, toBeSigned, ECDSA_WITH_SHA256, signature);
  return `${formatPem(certificate)}${privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()}`;
}

function formatExtensions(domains: readonly string[]): Buffer {
  const names = domains.map((domain) => formatDer(TAG.dnsName, Buffer.from(domain, 'ascii')));
  return formatDer(
    TAG.sequence,
    // No certificate authority.
    formatExtension('2.5.29.19', formatDer(TAG.sequence), { isCritical: true }),
    formatExtension('2.5.29.15', DIGITAL_SIGNATURE, { isCritical: true }),
    // For servers.
    formatExtension('2.5.29.37', formatDer(TAG.sequence, oid('1.3.6.1.5.5.7.3.1')), { isCritical: false }),
    formatExtension('2.5.29.17', formatDer(TAG.sequence, ...names), { isCritical: false }),
  );
}

function formatExtension(id: string, value: Buffer, { isCritical }: { readonly isCritical: boolean }): Buffer {
  const content = formatDer(TAG.octetString, value);
  return formatDer(TAG.sequence, oid(id), ...(isCritical ? [DER_TRUE] : []), content);
}

/** Positive and as short as it can be written: the first byte is neither 0 nor has its highest bit set. */
function makeSerial(): Buffer {
  const serial = randomBytes(SERIAL_BYTES);
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40;
  return serial;
}

function formatPem(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
