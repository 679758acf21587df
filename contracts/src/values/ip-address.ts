import { z } from 'zod';

const IPV4_OCTET = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
/** Dotted decimal only: `1`, `010.0.0.1` and `0x7f.1` mean different things to different parsers, so none is taken. */
const IPV4 = new RegExp(`^(?:${IPV4_OCTET}\\.){3}${IPV4_OCTET}$`);

export function isIpv4(text: string): boolean {
  return IPV4.test(text);
}

/**
 * RFC 4291 §2.2 text forms, without zone index. The digits are counted here and the canonical form is
 * checked by the URL parser, which browsers and Node share.
 */
export function isIpv6(text: string): boolean {
  return text.length <= 45 && /^[0-9a-fA-F:.]+$/.test(text) && text.includes(':') && URL.canParse(`http://[${text}]/`);
}

export function isIpAddress(text: string): boolean {
  return isIpv4(text) || isIpv6(text);
}

/** RFC 5952 form of an IPv6 address; an IPv4 address is already canonical. */
export function canonicalIpAddress(text: string): string {
  return isIpv6(text) ? new URL(`http://[${text}]/`).hostname.slice(1, -1) : text;
}

export const ipAddress = z
  .string()
  .trim()
  .refine(isIpAddress, 'is not an IP address; use for example 203.0.113.7 or 2001:db8::7')
  .transform(canonicalIpAddress);
