import { suspicionClass, type SuspicionClass } from '@flotilla/contracts';
import type { AccessRecord } from '../access-record.ts';
import { decodeHeader, decodeRequest, type DecodedRequest } from './decode-request.ts';
import { SHELL, SQL, TEMPLATE, TRAVERSAL, XSS } from './injection-patterns.ts';
import { isLoginPath, isScannerAgent, isSensitivePath } from './sensitive-paths.ts';

const INJECTIONS: readonly (readonly [name: SuspicionClass, patterns: readonly RegExp[]])[] = [
  ['path_traversal', TRAVERSAL],
  ['sql_injection', SQL],
  ['xss', XSS],
  ['shell_injection', SHELL],
  ['template_injection', TEMPLATE],
];
/** What is tried through headers that end up in logs and shells. */
const HEADER_INJECTIONS = INJECTIONS.filter(([name]) => name === 'shell_injection' || name === 'template_injection');
const LEAVES_THE_FOLDER = /(?:^|\/)\.\.(?:\/|$)/;
/** Without any of these no pattern of an injection matches. */
const MARKS =
  /[^\w/.,=&~:?!*-]|\.\.|\/\*|\/etc\/|\/proc\/|\/bin\/|\.ini\b|\b(?:cmd|document|javascript|vbscript|class\.|allow_url|auto_prepend|call_user|information_schema|xp_cmd|php:|file:|expect:|phar:|zip:|data:text|pg_catalog|sqlite_master|sysobjects|mysql\.)/i;

/** What is suspicious in one request, in the order of the contracts' list; nothing in nearly all of them. */
export function decideClasses(record: AccessRecord): SuspicionClass[] {
  if (!record.isWellFormed) return [];
  const found = new Set<SuspicionClass>();
  if (record.uri === null) found.add('protocol_garbage');
  else judgeRequest(record, record.uri, found);
  judgeHeaders(record, found);
  judgeStatus(record, found);
  return found.size === 0 ? [] : suspicionClass.options.filter((name) => found.has(name));
}

function judgeRequest({ method }: AccessRecord, uri: string, found: Set<SuspicionClass>): void {
  const request = decodeRequest(uri);
  if (isSensitivePath(request.path)) found.add('sensitive_path');
  if (method === 'POST' && isLoginPath(request.path)) found.add('login_attempt');
  if (LEAVES_THE_FOLDER.test(request.path)) found.add('path_traversal');
  if (MARKS.test(uri)) findInjections(request, found);
}

function findInjections({ parts }: DecodedRequest, found: Set<SuspicionClass>): void {
  for (const [name, patterns] of INJECTIONS) {
    if (parts.some((part) => patterns.some((pattern) => pattern.test(part)))) found.add(name);
  }
}

function judgeHeaders({ userAgent, referrer }: AccessRecord, found: Set<SuspicionClass>): void {
  if (userAgent !== null && isScannerAgent(userAgent)) found.add('scanner_agent');
  for (const header of [userAgent, referrer]) {
    if (header === null || !/[${}%]/.test(header)) continue;
    const decoded = decodeHeader(header);
    for (const [name, patterns] of HEADER_INJECTIONS) {
      if (patterns.some((pattern) => pattern.test(decoded))) found.add(name);
    }
  }
}

function judgeStatus({ status, serviceId, upstreamMs }: AccessRecord, found: Set<SuspicionClass>): void {
  if (status === 404 || status === 410) found.add('not_found');
  if (status === 401) found.add('auth_failure');
  // Where it is known that nobody was asked, nginx itself has refused: a client that is banned already.
  const isOwnRefusal = serviceId !== null && upstreamMs === null;
  if (status === 403 && !isOwnRefusal) found.add('auth_failure');
}
