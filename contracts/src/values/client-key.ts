import { z } from 'zod';
import { readCidr } from './cidr.ts';
import { isIpv4 } from './ip-address.ts';

/**
 * Who one client is: an IPv4 address (`203.0.113.7`), or the /64 of an IPv6 one (`2001:db8:1:2::/64`), since a host has all
 * of its /64 to choose from. Only in this form, so that equal clients have equal keys.
 */
export const clientKey = z.string().max(64).refine(isClientKey, 'is not an IPv4 address or an IPv6 network of /64');

function isClientKey(text: string): boolean {
  if (isIpv4(text)) return true;
  const reading = readCidr(text);
  if (!reading.ok || reading.cidr !== text || !text.endsWith('::/64')) return false;
  // Nothing behind the 64th bit: at most four groups stand before the zeros.
  const groups = text.slice(0, -'::/64'.length).split(':');
  return groups.length <= 4 && !groups.includes('');
}
