export type IfMatch = { readonly kind: 'any' } | { readonly kind: 'revision'; readonly revision: number } | null;

/**
 * The revision that an edit starts from (RFC 9110 §13.1.1): `"7"`, `W/"7"` or `7`. `any` without the header or with `*`;
 * null for a header that is none of these.
 */
export function parseIfMatch(header: string | undefined): IfMatch {
  if (header === undefined || header.trim() === '*') return { kind: 'any' };
  const match = /^\s*(?:W\/)?"?([1-9]\d{0,8})"?\s*$/.exec(header);
  return match === null ? null : { kind: 'revision', revision: Number(match[1]) };
}
