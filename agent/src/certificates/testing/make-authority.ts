import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface IssuedCertificate {
  /** Certificate, chain and key, as the Core sends them. */
  readonly pem: string;
  readonly hash: string;
}

/** An authority of a root and one between, made by OpenSSL, as those on the internet are. */
export interface TestAuthority {
  readonly rootFile: string;
  readonly issue: (...names: string[]) => IssuedCertificate;
}

/** @param folder that the caller removes */
export function makeAuthority(folder: string): TestAuthority {
  const openssl = (...args: string[]): void => {
    execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  };
  const read = (file: string): string => readFileSync(join(folder, file), 'utf8');
  const sign = (name: string, issuer: string, extensions: string): void => {
    writeFileSync(join(folder, `${name}.ext`), extensions);
    openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', `${name}.ec`);
    openssl('pkey', '-in', `${name}.ec`, '-out', `${name}.key`);
    openssl('req', '-new', '-key', `${name}.key`, '-subj', `/CN=${name}`, '-out', `${name}.csr`);
    const signer = issuer === name ? ['-signkey', `${name}.key`] : ['-CA', `${issuer}.pem`, '-CAkey', `${issuer}.key`];
    const request = ['-req', '-in', `${name}.csr`, '-days', '30', '-extfile', `${name}.ext`];
    openssl('x509', ...request, ...signer, '-CAcreateserial', '-out', `${name}.pem`);
  };
  sign('Root', 'Root', 'basicConstraints=critical,CA:TRUE');
  sign('Between', 'Root', 'basicConstraints=critical,CA:TRUE');
  let issued = 0;
  return {
    rootFile: join(folder, 'Root.pem'),
    issue: (...names) => {
      issued += 1;
      const name = `leaf-${issued}`;
      sign(name, 'Between', `subjectAltName=${names.map((one) => `DNS:${one}`).join(',')}`);
      const pem = `${read(`${name}.pem`)}${read('Between.pem')}${read(`${name}.key`)}`;
      return { pem, hash: createHash('sha256').update(pem).digest('hex') };
    },
  };
}
