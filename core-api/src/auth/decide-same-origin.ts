export interface OriginEvidence {
  readonly secFetchSite: string | undefined;
  readonly origin: string | undefined;
  /** Host and port that the request was sent to, as the trusted proxy or the Host header says. */
  readonly host: string | undefined;
  readonly publicOrigin: string;
}

export type OriginDecision = { readonly allowed: true } | { readonly allowed: false; readonly reason: string };

/**
 * Whether a request that carries the refresh cookie comes from the dashboard's own pages. SameSite=Strict is not
 * enough: another port of the same host, where a node's nginx serves other people's applications, is the same site.
 * Browsers send Origin with every POST and Sec-Fetch-Site besides on https and localhost; a program that sends neither
 * has no cookie that somebody else put there.
 */
export function decideSameOrigin({ secFetchSite, origin, host, publicOrigin }: OriginEvidence): OriginDecision {
  if (secFetchSite !== undefined) {
    return secFetchSite === 'same-origin' || secFetchSite === 'none'
      ? { allowed: true }
      : refuse(`a ${secFetchSite} page`);
  }
  if (origin === undefined || origin === publicOrigin) return { allowed: true };
  // The scheme may differ: behind a TLS proxy the request itself is plain HTTP.
  if (host !== undefined && URL.parse(origin)?.host === host) return { allowed: true };
  return refuse(`a page of ${origin}`);
}

function refuse(from: string): OriginDecision {
  return { allowed: false, reason: `The request comes from ${from}, not from the dashboard.` };
}
