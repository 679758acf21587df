import { block, directive, type Directive } from '../directive.ts';

const FORMAT = 'flotilla';
const SERVICE = '$flotilla_service';
const REQUESTED = '$flotilla_requested';
const METHOD = '$flotilla_method';

/**
 * Between two fields. In the value of a variable nginx escapes `"`, `\`, control characters and everything beyond ASCII
 * (ngx_http_log_escape), so this byte is never part of a field.
 */
const SEPARATOR = '"';

/** What is only counted stands first, what strangers write stands last. `agent/src/access-log` reads it. */
const FIELDS = [
  '$msec',
  SERVICE,
  '$status',
  '$request_time',
  '$upstream_response_time',
  '$upstream_addr',
  '$body_bytes_sent',
  '$remote_addr',
  '$request_id',
  METHOD,
  '$server_protocol',
  REQUESTED,
  '$http_referer',
  '$http_user_agent',
];

/**
 * Enough of a busy moment that a line costs no system call of its own; written after this time at the latest, because nobody is
 * banned for a line that nobody has read.
 */
const BUFFER_SIZE = '64k';
const FLUSH_AFTER = '100ms';

/** One line a request, for all sites and for what reaches none of them. */
export function accessLog(file: string): Directive[] {
  return [
    // For requests that nginx refuses before it has come to a site. A site's own `set` goes before.
    block('map', ['', SERVICE], [directive('default', '-')]),
    // nginx serves an error page by GET; a site that has any remembers what it was.
    block('map', ['', METHOD], [directive('default', '$request_method')]),
    // What cannot be read as a request is there as it came: TLS on the plain port, garbage.
    block('map', ['$request_method', REQUESTED], [directive('default', '$request_uri'), directive('', '$request')]),
    directive('log_format', FORMAT, FIELDS.join(SEPARATOR)),
    directive('access_log', file, FORMAT, `buffer=${BUFFER_SIZE}`, `flush=${FLUSH_AFTER}`),
  ];
}

/** Says in a server whose requests these are; before anything that ends a request. */
export function loggedService(serviceId: string): Directive {
  return directive('set', SERVICE, serviceId);
}
