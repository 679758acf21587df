import type { Site } from '@flotilla/contracts';
import { directive, UnsafeValueError, type Directive } from '../directive.ts';

type Redirect = NonNullable<Site['redirect']>;

/** @throws UnsafeValueError when the address holds an nginx variable */
export function redirect({ to, status, keepPath }: Redirect): Directive {
  if (to.includes('$')) throw new UnsafeValueError(to, 'has a $, which nginx would take for a variable');
  // $request_uri begins with a slash.
  return directive('return', status, keepPath ? `${to.replace(/\/$/, '')}$request_uri` : to);
}

/** The same address with https. @param httpsPort named in the address unless it is 443 */
export function redirectToHttps(httpsPort: number): Directive {
  return directive('return', 308, `https://$host${httpsPort === 443 ? '' : `:${httpsPort}`}$request_uri`);
}
