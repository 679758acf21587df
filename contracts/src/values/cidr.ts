import { z } from 'zod';
import { canonicalIpAddress, isIpv4, isIpv6 } from './ip-address.ts';

const ADVICE = 'use an address or a network such as 203.0.113.7, 10.0.0.0/8 or 2001:db8::/32';

export type CidrReading = { ok: true; cidr: string } | { ok: false; reason: string };

/** Reads an address or network; the canonical form always carries its prefix length (`203.0.113.7/32`). */
export function readCidr(typed: string): CidrReading {
  const [address = '', prefix, ...rest] = typed.trim().split('/');
  const width = isIpv4(address) ? 32 : isIpv6(address) ? 128 : 0;
  if (width === 0 || rest.length > 0) return { ok: false, reason: `is not an address or network; ${ADVICE}` };
  if (prefix !== undefined && !/^(0|[1-9]\d{0,2})$/.test(prefix)) {
    return { ok: false, reason: `has a prefix length that is not a number; ${ADVICE}` };
  }
  const length = prefix === undefined ? width : Number(prefix);
  if (length > width) return { ok: false, reason: `has a prefix length over ${width}; ${ADVICE}` };
  return { ok: true, cidr: `${canonicalIpAddress(address)}/${length}` };
}

export const cidr = z.string().transform((typed, context) => {
  const reading = readCidr(typed);
  if (reading.ok) return reading.cidr;
  context.addIssue({ code: 'custom', message: reading.reason });
  return z.NEVER;
});
