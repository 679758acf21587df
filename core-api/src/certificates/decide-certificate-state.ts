import type { CertificateState } from '@flotilla/contracts';

/** A newer one should be there after so much of a certificate's life: that leaves time for several tries. */
const RENEWED_AFTER = 2 / 3;

/** Certificates of six days and of ninety alike: what counts is how much of their life is over. */
export function decideCertificateState(
  { notBefore, notAfter }: { readonly notBefore: Date; readonly notAfter: Date },
  now: Date,
): CertificateState {
  const lifeMs = notAfter.getTime() - notBefore.getTime();
  if (notAfter <= now) return 'expired';
  return now.getTime() - notBefore.getTime() >= lifeMs * RENEWED_AFTER ? 'expiring' : 'valid';
}
