import { z } from 'zod';

/** What can be suspicious in one request, or in a client's requests together. */
export const suspicionClass = z.enum([
  /** A path that only somebody looking for secrets or known holes asks for: `/.env`, `/.git/config`, `/wp-config.php.bak`. */
  'sensitive_path',
  /** A user agent that names a scanner. */
  'scanner_agent',
  'path_traversal',
  'sql_injection',
  'xss',
  'shell_injection',
  /** Also what looks up names in logs: `${jndi:ldap://…}`. */
  'template_injection',
  /** 404, 410: one is nothing, many distinct ones are a search. */
  'not_found',
  /** 401, 403. */
  'auth_failure',
  /** A POST to a path where people log in. */
  'login_attempt',
  /** Bytes that are no HTTP request: TLS on the plain port, an empty or unreadable request line. */
  'protocol_garbage',
  /** More requests than a client of this node's usually sends, though fewer than its limiter refuses. */
  'rate',
]);
export type SuspicionClass = z.infer<typeof suspicionClass>;
