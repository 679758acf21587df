import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeCertificate } from './make-certificate.ts';
import { hasOcsp, readCertificatePair } from './read-pair.ts';

const now = new Date();
const DAY_MS = 86_400_000;

describe('a certificate and its key', () => {
  let folder: string;
  const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
  const openssl = (...args: string[]): void => {
    execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  };

  /** Signed by `issuer`. */
  const issue = (
    name: string,
    issuer: string,
    extensions: string,
    keyArgs: string[] = ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256'],
  ): void => {
    writeFileSync(join(folder, `${name}.ext`), extensions);
    const [algorithm = '', ...options] = keyArgs;
    openssl('genpkey', '-algorithm', algorithm, ...options, '-out', `${name}.key`);
    openssl('req', '-new', '-key', `${name}.key`, '-subj', `/CN=${name}`, '-out', `${name}.csr`);
    const signer = issuer === name ? ['-signkey', `${name}.key`] : ['-CA', `${issuer}.pem`, '-CAkey', `${issuer}.key`];
    openssl(
      'x509',
      '-req',
      '-in',
      `${name}.csr`,
      ...signer,
      '-days',
      '30',
      '-extfile',
      `${name}.ext`,
      '-out',
      `${name}.pem`,
    );
  };

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'flotilla-pairs-'));
    const authority = 'basicConstraints=critical,CA:TRUE';
    issue('Root', 'Root', authority);
    issue('Middle', 'Root', authority);
    issue(
      'leaf',
      'Middle',
      'subjectAltName=DNS:shop.example.com,DNS:*.Example.com,IP:192.0.2.1\nauthorityInfoAccess=OCSP;URI:http://ocsp.example.com',
    );
    issue('rsa', 'Middle', 'subjectAltName=DNS:rsa.example.com', ['rsa', '-pkeyopt', 'rsa_keygen_bits:2048']);
    issue('weak', 'Middle', 'subjectAltName=DNS:weak.example.com', ['rsa', '-pkeyopt', 'rsa_keygen_bits:1024']);
    issue('nameless', 'Middle', 'basicConstraints=CA:FALSE');
    openssl('pkey', '-in', 'leaf.key', '-aes256', '-passout', 'pass:x', '-out', 'locked.key');
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('are read with all that people ask of them', () => {
    const { facts } = readCertificatePair(read('leaf.pem') + read('Middle.pem'), read('leaf.key'), now);
    expect(facts).toMatchObject({
      names: ['shop.example.com', '*.example.com'],
      issuer: 'Middle',
      keyType: 'EC P-256',
      isSelfSigned: false,
    });
    expect(facts.fingerprint).toMatch(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
    expect(facts.notAfter.getTime() - now.getTime()).toBeGreaterThan(29 * DAY_MS);
    expect(readCertificatePair(read('rsa.pem'), read('rsa.key'), now).facts).toMatchObject({
      keyType: 'RSA 2048',
    });
  });

  it('tell whether the authority answers by OCSP', () => {
    expect(hasOcsp(read('leaf.pem') + read('Middle.pem'))).toBe(true);
    expect(hasOcsp(read('rsa.pem'))).toBe(false);
  });

  it('are written in the order that servers send, without the root, in whatever order they came', () => {
    const ordered = readCertificatePair(read('leaf.pem') + read('Middle.pem'), read('leaf.key'), now).pem;
    const mixed = read('leaf.pem') + read('Root.pem') + read('Middle.pem');
    expect(readCertificatePair(mixed, read('leaf.key'), now).pem).toBe(ordered);
    expect(ordered.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
    expect(ordered.indexOf(read('leaf.pem').trim())).toBe(0);
    writeFileSync(join(folder, 'bundle.pem'), ordered);
    openssl('verify', '-CAfile', 'Root.pem', '-untrusted', 'bundle.pem', 'bundle.pem');
    openssl('pkey', '-in', 'bundle.pem', '-noout');
  });

  it('that Flotilla made are read as well, and are told to be self-signed', async () => {
    const pem = await makeCertificate({
      domains: ['a.example.com', '*.b.example.com'],
      notBefore: now,
      notAfter: new Date(now.getTime() + DAY_MS),
    });
    const pair = readCertificatePair(pem, pem, now);
    expect(pair.facts).toMatchObject({ names: ['a.example.com', '*.b.example.com'], isSelfSigned: true });
    expect(pair.pem.replaceAll(/\s/g, '')).toBe(pem.replaceAll(/\s/g, ''));
  });

  it.each<[string, () => [string, string], string, RegExp]>([
    ['no certificate', () => ['x', read('leaf.key')], 'certificate', /no certificate in PEM/],
    [
      'a broken one',
      () => ['-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----', read('leaf.key')],
      'certificate',
      /cannot be read/,
    ],
    ['no key', () => [read('leaf.pem'), read('leaf.pem')], 'key', /no private key/],
    ['another key', () => [read('leaf.pem'), read('rsa.key')], 'key', /not the key of this/],
    ['a key with a password', () => [read('leaf.pem'), read('locked.key')], 'key', /password/],
    ['a weak key', () => [read('weak.pem'), read('weak.key')], 'key', /1024 bits/],
    ['no names', () => [read('nameless.pem'), read('nameless.key')], 'certificate', /names no domain/],
    [
      'the authority first',
      () => [read('Middle.pem') + read('leaf.pem'), read('leaf.key')],
      'certificate',
      /server’s own one first/,
    ],
    [
      'a stranger in the chain',
      () => [read('leaf.pem') + read('Middle.pem') + read('rsa.pem'), read('leaf.key')],
      'certificate',
      /did not sign.*rsa/,
    ],
  ])('are refused with %s', (_, build, field, message) => {
    const [certificate, key] = build();
    expect(() => readCertificatePair(certificate, key, now)).toThrow(
      expect.objectContaining({ field, message: expect.stringMatching(message) as string }),
    );
  });

  it('are refused when they have expired', () => {
    const later = new Date(now.getTime() + 31 * DAY_MS);
    expect(() => readCertificatePair(read('leaf.pem'), read('leaf.key'), later)).toThrow(/expired on/);
  });
});
