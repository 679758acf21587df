import { directive, UnsafeValueError, type Directive } from '../directive.ts';

/** nginx gives a meaning of their own to `~regex`, `.example.com`, `""` and `$hostname`; none of them is a domain here. */
const SERVER_NAME = /^(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*$/;

/** @throws UnsafeValueError for what is not a canonical domain name */
export function serverNames(domains: readonly string[]): Directive {
  const odd = domains.find((domain) => !SERVER_NAME.test(domain));
  if (odd !== undefined) throw new UnsafeValueError(odd, 'is not a server name');
  return directive('server_name', ...domains);
}
