import type { SuspicionClass } from '@flotilla/contracts';
import type { AccessRecord } from '../access-record.ts';

/** What is decoded again and again hides something; nobody needs more than this. */
const MAX_DECODINGS = 3;
const MAX_LENGTH = 4096;

const SENSITIVE_PATH =
  /\/\.(?:env|git|svn|hg|aws|ssh|htpasswd|htaccess|ds_store|docker|npmrc|vscode)(?:[./_-]|$)|\/(?:wp-config\.php|phpinfo\.php|id_rsa|server-status|phpunit|eval-stdin\.php|_ignition|actuator\/(?:env|heapdump)|hnap1|boaform|cgi-bin\/|solr\/admin|manager\/html|vendor\/phpunit)|\.(?:sql|bak|old|swp)(?:\.(?:gz|zip))?$|\/(?:phpmyadmin|pma|adminer)(?:\/|\.php|$)/;
const SCANNER_AGENT =
  /sqlmap|nikto|nmap|masscan|zgrab|nuclei|wpscan|dirbuster|gobuster|feroxbuster|ffuf|acunetix|nessus|openvas|burp|w3af|havij|arachni|whatweb|jaeles|zaproxy/i;
const TRAVERSAL = /(?:^|[/\\=])\.\.[/\\](?:.*\.\.[/\\]|etc\/|windows\\)|\/etc\/(?:passwd|shadow)|\.\.[/\\]\.\.[/\\]/;
const SQL =
  /\bunion\s+(?:all\s+)?select\b|\b(?:or|and)\s+(['"]?)\d+\1\s*=\s*\1\d+|'\s*or\s+'|\bselect\b.{1,80}\bfrom\b.{0,40}\b(?:information_schema|users|pg_)|\b(?:sleep|benchmark|pg_sleep|waitfor\s+delay)\s*\(?\s*['"\d]|;\s*drop\s+table\b/;
const XSS = /<script\b|javascript:\s*\w|<\w+[^>]{0,80}\bon(?:error|load|mouseover|click)\s*=|<(?:svg|iframe)\b/;
const SHELL =
  /[;|&`]\s*(?:cat|wget|curl|bash|sh|nc|id|whoami|uname|ping)\b[\s/;|-]|\$\((?:cat|id|wget|curl|whoami)\b|\/bin\/(?:ba)?sh\b/;
const TEMPLATE =
  /\$\{\s*(?:jndi|lower|upper|env|sys|\W)|\{\{.{0,40}(?:\*|config|self|__class__|constructor).{0,40}\}\}|<%=/;
const LOGIN_PATH =
  /(?:wp-login\.php|\/(?:user\/|users\/|account\/|admin\/|auth\/)?(?:log-?in|sign-?in|sessions?)(?:\.\w+)?\/?)$/;

/** What is suspicious in a request, from what it asks for and how it was answered. */
export function chooseClasses({ method, uri, status, userAgent, isWellFormed }: AccessRecord): SuspicionClass[] {
  const found: SuspicionClass[] = [];
  if (status === 404 || status === 410) found.push('not_found');
  if (status === 401 || status === 403) found.push('auth_failure');
  if (userAgent !== null && SCANNER_AGENT.test(userAgent)) found.push('scanner_agent');
  if (userAgent !== null && /\$\{jndi:/i.test(userAgent)) found.push('template_injection');
  if (uri === null || method === null) return isWellFormed ? [...found, 'protocol_garbage'] : found;
  const decoded = decode(uri.slice(0, MAX_LENGTH)).toLowerCase();
  const path = decoded.split('?', 1)[0] ?? '';
  if (SENSITIVE_PATH.test(path)) found.push('sensitive_path');
  if (method === 'POST' && LOGIN_PATH.test(path)) found.push('login_attempt');
  if (TRAVERSAL.test(decoded)) found.push('path_traversal');
  if (SQL.test(decoded)) found.push('sql_injection');
  if (XSS.test(decoded)) found.push('xss');
  if (SHELL.test(decoded)) found.push('shell_injection');
  if (TEMPLATE.test(decoded)) found.push('template_injection');
  return [...new Set(found)];
}

function decode(uri: string): string {
  let text = uri.replaceAll('+', ' ');
  for (let round = 0; round < MAX_DECODINGS && text.includes('%'); round += 1) {
    const before = text;
    text = text.replaceAll(/%([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
    if (text === before) break;
  }
  return text;
}
