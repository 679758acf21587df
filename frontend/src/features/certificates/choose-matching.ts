import type { Certificate } from '@flotilla/contracts';

/** Certificates that have the words in a name, the issuer or a service. */
export function chooseMatching(certificates: readonly Certificate[], search: string | null): Certificate[] {
  const words = (search ?? '').trim().toLowerCase();
  if (words === '') return [...certificates];
  return certificates.filter(({ names, issuer, services }) =>
    [...names, issuer, ...services.map(({ name }) => name)].some((text) => text.toLowerCase().includes(words)),
  );
}
