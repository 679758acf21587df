/** As much of a certificate as its choice needs. */
export interface ChoosableCertificate {
  readonly id: string;
  readonly names: readonly string[];
  readonly isSelfSigned: boolean;
  readonly notAfter: Date;
}

/** What a service asks for. */
export interface CertificateWish {
  readonly domains: readonly string[];
  /** The one that it names; null for the best. */
  readonly certificateId: string | null;
}

/**
 * The certificate that a service is served with: the one that it names, or else, of those that cover all its domains, an
 * authority's before a self-signed one, and of these the one that lasts longest. Null when there is none.
 */
export function chooseCertificate<Candidate extends ChoosableCertificate>(
  { domains, certificateId }: CertificateWish,
  certificates: readonly Candidate[],
): Candidate | null {
  if (certificateId !== null) return certificates.find(({ id }) => id === certificateId) ?? null;
  const covering = certificates.filter(({ names }) => listUncovered(domains, names).length === 0);
  const best = covering.toSorted(
    (left, right) =>
      Number(left.isSelfSigned) - Number(right.isSelfSigned) ||
      right.notAfter.getTime() - left.notAfter.getTime() ||
      (left.id < right.id ? -1 : 1),
  );
  return best[0] ?? null;
}

/** The domains that none of a certificate's names stands for. A wildcard stands for one label (RFC 9525, 6.3), and for itself. */
export function listUncovered(domains: readonly string[], names: readonly string[]): string[] {
  const known = new Set(names);
  return domains.filter((domain) => !known.has(domain) && !known.has(domain.replace(/^[^.]+/, '*')));
}
