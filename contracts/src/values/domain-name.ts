import { z } from 'zod';

/** RFC 1035 §2.3.4: 255 octets on the wire, which is 253 characters of text. */
const MAX_DOMAIN_LENGTH = 253;
const MAX_LABEL_LENGTH = 63;
const ASCII_LABEL = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;
/** What may be typed before IDNA: letters, marks and digits of any script, hyphen and the ideographic full stops. */
const TYPED_DOMAIN = /^[\p{L}\p{M}\p{N}.\-\u3002\uff0e\uff61]+$/u;
const EXAMPLES = 'use a name such as app.example.com or *.example.com';

export type DomainNameReading = { ok: true; name: string } | { ok: false; reason: string };

/**
 * Reads a domain name as an operator types it and returns its canonical form: lower case, punycode
 * (UTS #46, as browsers do it), no trailing dot. A wildcard may stand for the whole first label only.
 */
export function readDomainName(typed: string): DomainNameReading {
  const trimmed = typed.trim();
  if (trimmed === '') return refuse('is empty');
  if (trimmed.length > MAX_DOMAIN_LENGTH + 1) return refuse(`is longer than ${MAX_DOMAIN_LENGTH} characters`);

  const isWildcard = trimmed.startsWith('*.');
  const base = isWildcard ? trimmed.slice(2) : trimmed;
  if (base.includes('*')) return refuse('has a wildcard that is not the whole first label');
  if (!TYPED_DOMAIN.test(base)) return refuse('has characters that no domain name can have');

  const ascii = toAscii(base.endsWith('.') ? base.slice(0, -1) : base);
  if (ascii === null) return refuse('is not a valid (internationalised) domain name');

  const problem = findLabelProblem(ascii, isWildcard);
  if (problem !== null) return refuse(problem);
  const name = isWildcard ? `*.${ascii}` : ascii;
  return name.length > MAX_DOMAIN_LENGTH
    ? refuse(`is longer than ${MAX_DOMAIN_LENGTH} characters`)
    : { ok: true, name };
}

function refuse(reason: string): DomainNameReading {
  return { ok: false, reason: `${reason}; ${EXAMPLES}` };
}

/** The URL parser is the one IDNA implementation that browsers and Node share. */
function toAscii(name: string): string | null {
  const url = URL.parse(`http://${name}/`);
  return url === null || url.port !== '' || url.pathname !== '/' ? null : url.hostname;
}

function findLabelProblem(ascii: string, isWildcard: boolean): string | null {
  const labels = ascii.split('.');
  if (labels.some((label) => label === '')) return 'has an empty label';
  if (labels.some((label) => label.length > MAX_LABEL_LENGTH)) return `has a label over ${MAX_LABEL_LENGTH} characters`;
  if (!labels.every((label) => ASCII_LABEL.test(label))) return 'has a label that starts or ends with a hyphen';
  if (/^\d+$/.test(labels.at(-1) ?? '')) return 'is an IP address or ends in a number';
  if (isWildcard && labels.length < 2) return 'has a wildcard right below a top-level domain';
  return null;
}

/** A domain that a service answers for; parses to its canonical form. */
export const domainName = z.string().transform((typed, context) => {
  const reading = readDomainName(typed);
  if (reading.ok) return reading.name;
  context.addIssue({ code: 'custom', message: reading.reason });
  return z.NEVER;
});
