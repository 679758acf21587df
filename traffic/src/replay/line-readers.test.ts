import type { SuspicionClass } from '@flotilla/contracts';
import { expect, it } from 'vitest';
import { lineReaders } from './line-readers.ts';

/** What a line of `combined` is taken for. */
function classesOf(uri: string, method = 'GET', status = 200, agent = 'Mozilla/5.0'): readonly SuspicionClass[] {
  const reader = lineReaders.get('combined');
  const line = Buffer.from(
    `203.0.113.7 - - [10/Oct/2000:13:55:36 -0700] "${method} ${uri} HTTP/1.1" ${status} 1 "-" "${agent}"`,
  );
  return reader?.classify(reader.parse(line, 0, line.length)) ?? [];
}

it.each<[string, SuspicionClass[]]>([
  ['/.env', ['sensitive_path']],
  ['/.git/config', ['sensitive_path']],
  ['/app/%2eenv.bak', ['sensitive_path']],
  ['/wp-config.php.bak', ['sensitive_path']],
  ['/phpmyadmin/index.php', ['sensitive_path']],
  ['/static/../../etc/passwd', ['path_traversal']],
  ['/x?f=%252e%252e%252f%252e%252e%252fetc%252fpasswd', ['path_traversal']],
  ['/x?id=1+UNION+SELECT+a,b', ['sql_injection']],
  ["/x?id=1'%20or%20'1'='1", ['sql_injection']],
  ['/x?id=1 and sleep(5)', ['sql_injection']],
  ['/x?q=<script>alert(1)</script>', ['xss']],
  ['/x?q=%3Cimg%20src=x%20onerror=alert(1)%3E', ['xss']],
  ['/x?c=;cat%20/etc/passwd', ['path_traversal', 'shell_injection']],
  ['/x?q=${jndi:ldap://x}', ['template_injection']],
  ['/x?q={{7*7}}', ['template_injection']],
  ['/', []],
  ['/search?q=select+a+shirt+from+our+shop', []],
  ['/search?q=tom+%26+jerry', []],
  ['/docs/union-select', []],
  ['/environment', []],
  ['/blog/old', []],
  ['/api/items?filter[price]=10&sort=-id', []],
  ['/a;b=c/d', []],
  ['/%', []],
])('%s: %j', (uri, classes) => expect(classesOf(uri)).toEqual(classes));

it('looks at answers, methods and user agents', () => {
  expect(classesOf('/x', 'GET', 404)).toEqual(['not_found']);
  expect(classesOf('/x', 'GET', 403)).toEqual(['auth_failure']);
  expect(classesOf('/wp-login.php', 'POST')).toEqual(['login_attempt']);
  expect(classesOf('/users/sign_in', 'GET')).toEqual([]);
  expect(classesOf('/login', 'POST', 401)).toEqual(['auth_failure', 'login_attempt']);
  expect(classesOf('/', 'GET', 200, 'sqlmap/1.8')).toEqual(['scanner_agent']);
  expect(classesOf('/', 'GET', 200, 'curl/8.5')).toEqual([]);
});
