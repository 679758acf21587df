import type { SuspicionClass } from '@flotilla/contracts';
import type { AccessRecord } from '../access-record.ts';
import { decodeHeader, decodeRequest } from '../classify/decode-request.ts';
import { SHELL, SQL, TEMPLATE, TRAVERSAL, XSS } from '../classify/injection-patterns.ts';

const INJECTIONS: Partial<Record<SuspicionClass, readonly RegExp[]>> = {
  path_traversal: TRAVERSAL,
  sql_injection: SQL,
  xss: XSS,
  shell_injection: SHELL,
  template_injection: TEMPLATE,
};

/** A piece of a request, in the ways in which it may be read. */
interface Place {
  readonly name: string;
  readonly readings: readonly string[];
}

/** Why a record is of a class that it is of: what matched, decoded, and where. */
export function explainClass(name: SuspicionClass, record: AccessRecord): string {
  const { method, uri, status, userAgent } = record;
  const path = uri === null ? '' : decodeRequest(uri).path;
  switch (name) {
    case 'sensitive_path':
      return `the path ${path}`;
    case 'scanner_agent':
      return `the user agent ${userAgent ?? ''}`;
    case 'not_found':
    case 'auth_failure':
      return `the status ${status ?? ''}`;
    case 'login_attempt':
      return `${method ?? ''} to ${path}`;
    case 'protocol_garbage':
      return 'no request that can be read';
    case 'rate':
      return 'more requests than usual';
    case 'path_traversal':
      return findMatch(name, record) ?? `the path ${path}`;
    case 'sql_injection':
    case 'xss':
    case 'shell_injection':
    case 'template_injection':
      return findMatch(name, record) ?? 'several parts of the URI together';
    default:
      return name satisfies never;
  }
}

function findMatch(name: SuspicionClass, record: AccessRecord): string | null {
  for (const place of listPlaces(record)) {
    for (const reading of place.readings) {
      for (const pattern of INJECTIONS[name] ?? []) {
        const found = pattern.exec(reading);
        if (found !== null) return `“${found[0]}” in ${place.name}, which reads “${reading}”`;
      }
    }
  }
  return null;
}

function listPlaces({ uri, userAgent, referrer }: AccessRecord): Place[] {
  const mark = uri?.indexOf('?') ?? -1;
  const path = mark === -1 ? uri : (uri ?? '').slice(0, mark);
  const query = uri === null || mark === -1 ? [] : uri.slice(mark + 1).split('&');
  const headers = [
    { name: 'the user agent', text: userAgent },
    { name: 'the referrer', text: referrer },
  ];
  return [
    ...(path === null ? [] : [{ name: 'the path', readings: decodeRequest(path).parts }]),
    ...query.map((part) => ({
      name: `the query’s ${part.split('=', 1)[0] ?? ''}`,
      readings: decodeRequest(`?${part}`).parts,
    })),
    ...headers.flatMap(({ name, text }) => (text === null ? [] : [{ name, readings: [decodeHeader(text)] }])),
  ];
}
