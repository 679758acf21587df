import { block, directive, type Directive } from '../directive.ts';

/**
 * Names of a site's upstreams and variables. nginx has one name space for all sites, and variables take letters,
 * digits and `_` only.
 */
export function siteKey(serviceId: string): string {
  return serviceId.replaceAll(/[^A-Za-z0-9]/g, '');
}

/** @param location index of the site's path location; undefined for the site's main targets */
export function upstreamName(serviceId: string, location?: number): string {
  return `site_${siteKey(serviceId)}${location === undefined ? '' : `_location_${location + 1}`}`;
}

/** @param purpose such as `denied`; the result has no `$` in front */
export function siteVariable(serviceId: string, purpose: string): string {
  return `flotilla_${purpose}_${siteKey(serviceId)}`;
}

/** The value that a variable has until a site's own `set`; nginx warns about variables that have none. For the http level. */
export function unsetVariable(name: string, value: string | number): Directive {
  return block('map', ['', name], [directive('default', value)]);
}
