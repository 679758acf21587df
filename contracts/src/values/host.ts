import { z } from 'zod';
import { readDomainName } from './domain-name.ts';
import { canonicalIpAddress, isIpAddress } from './ip-address.ts';

const ADVICE = 'use a host name such as backend.internal or an IP address';
/** Names inside Docker and company networks may carry underscores, which public domain names may not. */
const INTERNAL_LABEL = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/i;

function readHost(typed: string): string | null {
  const text = typed.trim();
  const bare = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text;
  if (isIpAddress(bare)) return canonicalIpAddress(bare);
  const domain = readDomainName(text);
  if (domain.ok) return domain.name.startsWith('*') ? null : domain.name;
  const labels = text.split('.');
  const isInternalName =
    text.length <= 253 && text.includes('_') && labels.every((label) => INTERNAL_LABEL.test(label));
  return isInternalName ? text.toLowerCase() : null;
}

/** Where an upstream listens: a host name or an IP address, without scheme and port. */
export const host = z.string().transform((typed, context) => {
  const value = readHost(typed);
  if (value !== null) return value;
  context.addIssue({ code: 'custom', message: `is not a host; ${ADVICE}` });
  return z.NEVER;
});
