import { splitErrorPage, type ErrorPageVariable } from '@flotilla/contracts';

/**
 * nginx's variables behind those of pages. Whatever a client sends, none of them holds more than letters, digits and `.:+-`: they
 * do no harm in an attribute or a script either.
 */
const VARIABLES: Readonly<Record<ErrorPageVariable, string>> = {
  status: 'status',
  domain: 'flotilla_domain',
  requestId: 'request_id',
  time: 'time_iso8601',
};

/**
 * A page as nginx reads it: the variables become server-side includes
 * (http://nginx.org/en/docs/http/ngx_http_ssi_module.html), and what the page itself has of those becomes plain comments, so that
 * no page can read a file, ask for an address or show other variables. nginx does not read again what it has filled in.
 */
export function renderErrorPage(html: string): string {
  return splitErrorPage(html)
    .map((part) =>
      typeof part === 'string' ? disarm(part) : `<!--# echo var="${VARIABLES[part.variable]}" default="" -->`,
    )
    .join('');
}

/** A directive begins with exactly these characters. */
function disarm(text: string): string {
  return text.replaceAll('<!--#', '<!-- #');
}
