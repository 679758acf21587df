import { STATUS_CODES } from 'node:http';
import { ERROR_PAGE_STATUSES, type HeaderSetting } from '@flotilla/contracts';
import { block, directive, UnsafeValueError, type Directive } from '../directive.ts';
import { unsetVariable } from './names.ts';
import { withoutLimits } from './request-limits.ts';

/** Below it are paths that only nginx itself asks for. */
const PREFIX = '/.flotilla-error/';
const FORM = '$flotilla_error_form';
const PAGE_FILE = /^[0-9a-f]{32}\.html$/;
const JSON_BODY = '{"status":$status,"error":"$flotilla_error_reason","requestId":"$request_id"}';

/** For the http level. */
export function errorPageVariables(): Directive[] {
  return [
    // A wildcard domain takes any Host header that ends like it, also one with HTML.
    block('map', ['$host', '$flotilla_domain'], [directive('default', ''), directive('~^[a-z0-9.-]+$', '$host')]),
    block(
      'map',
      ['$http_accept', FORM],
      [
        directive('default', 'html'),
        directive('~*text/html', 'html'),
        directive('~*application/([a-z0-9.-]+[+])?json', 'json'),
      ],
    ),
    block(
      'map',
      ['$status', '$flotilla_error_reason'],
      [
        directive('default', 'Error'),
        ...ERROR_PAGE_STATUSES.map((status) => directive(status, STATUS_CODES[status] ?? 'Error')),
      ],
    ),
    unsetVariable('$flotilla_is_decided', 0),
    unsetVariable('$flotilla_error_vary', ''),
    unsetVariable('$flotilla_error_cache', ''),
  ];
}

/**
 * A site's own pages. The status stays what it was; clients that ask for JSON get JSON. Before all other rules of the server:
 * nginx goes through it once more to serve a page, with another path and GET for a method, and what was decided about the request
 * stays decided. (A banned client would be refused its page, too.)
 * @param files names in the folder of error pages, by status
 * @throws UnsafeValueError
 */
export function errorPages(
  files: ReadonlyMap<string, string>,
  { root, interceptsUpstreamErrors, headers }: ErrorPageOptions,
): Directive[] {
  if (files.size === 0) return [];
  const isGiven = (name: string) => headers.some((header) => header.name.toLowerCase() === name);
  return [
    block('if', ['($flotilla_is_decided)'], [directive('break')]),
    directive('set', '$flotilla_is_decided', 1),
    directive('set', '$flotilla_method', '$request_method'),
    ...[...Map.groupBy(files, ([, file]) => file)].map(([file, entries]) =>
      directive('error_page', ...entries.map(([status]) => status), `${PREFIX}${FORM}/${checkedFile(file)}`),
    ),
    ...(interceptsUpstreamErrors ? [directive('proxy_intercept_errors', 'on')] : []),
    directive('add_header', 'Vary', '$flotilla_error_vary', 'always'),
    ...(isGiven('cache-control') ? [] : [directive('add_header', 'Cache-Control', '$flotilla_error_cache', 'always')]),
    pageLocation('html', [
      directive('ssi', 'on'),
      directive('charset', 'utf-8'),
      directive('default_type', 'text/html'),
      directive('alias', `${root}/error-pages/`),
    ]),
    pageLocation('json', [directive('default_type', 'application/json'), directive('return', 200, JSON_BODY)]),
  ];
}

export interface ErrorPageOptions {
  /** The agent's nginx folder, as nginx sees it. */
  readonly root: string;
  readonly interceptsUpstreamErrors: boolean;
  /** The site's own, which win over ours. */
  readonly headers: readonly HeaderSetting[];
}

function pageLocation(form: 'html' | 'json', content: readonly Directive[]): Directive {
  return block(
    'location',
    ['^~', `${PREFIX}${form}/`],
    [
      directive('internal'),
      directive('set', '$flotilla_error_vary', 'Accept'),
      directive('set', '$flotilla_error_cache', 'no-store'),
      withoutLimits(),
      directive('auth_basic', 'off'),
      directive('client_max_body_size', 0),
      block('types', [], []),
      ...content,
    ],
  );
}

function checkedFile(file: string): string {
  if (!PAGE_FILE.test(file)) throw new UnsafeValueError(file, 'is not the name of an error page');
  return file;
}
