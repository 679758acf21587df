import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { contentHash } from '../content-hash.ts';
import { writeDurably } from '../../shared/write-durably.ts';
import { chooseCertificateFile, formatCertificateFile } from './choose-certificate-file.ts';
import { makeCertificate } from '@flotilla/runtime/certificates';

/** Browsers take no certificate that is valid for longer than 398 days. */
const VALID_DAYS = 397;
const DAY_MS = 86_400_000;
/** For clients whose clock is slow. */
const BACKDATED_MS = 60_000;

export interface CertificatesRepository {
  /**
   * The site's own certificate and key as one PEM file, made when there is none that lasts: the same file as long as
   * domains and time allow. The name changes with the content, so that nginx sees a new configuration.
   * @returns the file's name in the folder
   */
  readonly ensure: (serviceId: string, domains: readonly string[]) => Promise<string>;
}

export function createCertificatesRepository(folder: string, now: () => Date): CertificatesRepository {
  return {
    ensure: async (serviceId, domains) => {
      const series = `${serviceId}-${contentHash(...domains.toSorted()).slice(0, 16)}`;
      const present = chooseCertificateFile(await readdir(folder), series, now());
      if (present !== null) return present;

      const expiresAt = new Date(now().getTime() + VALID_DAYS * DAY_MS);
      const name = formatCertificateFile(series, expiresAt);
      const notBefore = new Date(now().getTime() - BACKDATED_MS);
      const pem = await makeCertificate({ domains, notBefore, notAfter: expiresAt });
      await writeDurably(join(folder, name), pem, { mode: 0o600 });
      return name;
    },
  };
}
