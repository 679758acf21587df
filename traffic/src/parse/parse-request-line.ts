import type { AccessRecord } from '../access-record.ts';

/** RFC 9110: a token. */
const METHOD = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$/;
const PROTOCOL = /^HTTP\/\d(?:\.\d)?$/;
/** Without a protocol only what begins like this is taken for a request: `OPTIONS sip:nm SIP/2.0` is one of something else. */
const TARGET = /^(?:\/|https?:\/\/)/i;

type Requested = Pick<AccessRecord, 'method' | 'uri' | 'protocol'>;
const NONE: Requested = { method: null, uri: null, protocol: null };

/**
 * `GET /path HTTP/1.1`, or `GET /path` of HTTP/0.9. Blanks in between are the URI's. All three are null when it is no request
 * that can be read.
 */
export function parseRequestLine(line: string): Requested {
  const methodEnd = line.indexOf(' ');
  if (methodEnd === -1) return NONE;
  const method = line.slice(0, methodEnd);
  if (!METHOD.test(method)) return NONE;
  const protocolAt = line.lastIndexOf(' ') + 1;
  const protocol = line.slice(protocolAt);
  if (PROTOCOL.test(protocol)) {
    const uri = line.slice(methodEnd + 1, Math.max(methodEnd + 1, protocolAt - 1));
    return uri === '' ? NONE : { method, uri, protocol };
  }
  const uri = line.slice(methodEnd + 1);
  return TARGET.test(uri) ? { method, uri, protocol: null } : NONE;
}
