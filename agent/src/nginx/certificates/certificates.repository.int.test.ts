import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCertificatesRepository } from './certificates.repository.ts';

describe('self-signed certificates on disk', () => {
  let folder: string;
  let now: Date;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'flotilla-certificates-'));
    now = new Date('2026-06-15T12:00:00Z');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('makes one for the domains, readable by its owner only, and keeps it', async () => {
    const certificates = createCertificatesRepository(folder, () => now);
    const file = await certificates.ensure('service', ['a.example.com', '*.a.example.com']);
    expect(await certificates.ensure('service', ['*.a.example.com', 'a.example.com'])).toBe(file);
    expect((await stat(join(folder, file))).mode & 0o777).toBe(0o600);
    const certificate = new X509Certificate(await readFile(join(folder, file)));
    expect(certificate.checkHost('a.example.com')).toBeDefined();
    expect(certificate.checkHost('deep.a.example.com')).toBeDefined();
    expect(certificate.checkHost('b.example.com')).toBeUndefined();
    expect(certificate.ca).toBe(false);
    const days = (certificate.validToDate.getTime() - now.getTime()) / 86_400_000;
    expect(days).toBeCloseTo(397, 0);
  });

  it('makes one that is signed by its own key, for servers and for all domains', async () => {
    const certificates = createCertificatesRepository(folder, () => now);
    const domains = Array.from({ length: 100 }, (_, index) => `site-${index}.example.com`);
    const pem = await readFile(join(folder, await certificates.ensure('service', domains)), 'utf8');
    const certificate = new X509Certificate(pem);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.checkPrivateKey(createPrivateKey(pem))).toBe(true);
    expect(certificate.subject).toBe('CN=Flotilla self-signed');
    expect(certificate.issuer).toBe(certificate.subject);
    expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
    expect(certificate.subjectAltName?.split(', ')).toEqual(domains.map((domain) => `DNS:${domain}`));
    expect(certificate.validFromDate.getTime()).toBe(now.getTime() - 60_000);
    expect(certificate.toString().trim()).toBe(pem.slice(0, pem.indexOf('-----BEGIN PRIVATE')).trim());
  });

  it('makes another one for other domains, for another service, and near the end', async () => {
    const certificates = createCertificatesRepository(folder, () => now);
    const file = await certificates.ensure('service', ['a.example.com']);
    expect(await certificates.ensure('service', ['b.example.com'])).not.toBe(file);
    expect(await certificates.ensure('other', ['a.example.com'])).not.toBe(file);
    now = new Date(now.getTime() + 360 * 86_400_000);
    expect(await certificates.ensure('service', ['a.example.com'])).toBe(file);
    now = new Date(now.getTime() + 10 * 86_400_000);
    expect(await certificates.ensure('service', ['a.example.com'])).not.toBe(file);
  });
});
