import { isContainerTarget, isReplicaTarget, type Site, type Target } from '@flotilla/contracts';
import { block, directive, UnsafeValueError, type Directive } from '../directive.ts';
import type { ResolvedSite } from '../resolved-site.ts';
import { upstreamName } from './names.ts';

interface Route {
  readonly modifier: '' | '=';
  readonly path: string;
  readonly stripPath: boolean;
  readonly upstream: string;
  readonly target: Target;
}

/**
 * The site's locations: its main target at `/`, unless a location of the site is there, and what lies below each path.
 * "Below" goes by whole segments: `/api` is `/api` itself and `/api/…`, where nginx alone would take `/apis` too.
 */
export function locations({ site, targets }: ResolvedSite): Directive[] {
  const main = targets[0]?.target;
  const wanted = site.locations.flatMap((location, index) => routesOf(location, upstreamName(site.serviceId, index)));
  const fallback: Route[] = main
    ? [{ modifier: '', path: '/', stripPath: false, upstream: upstreamName(site.serviceId), target: main }]
    : [];
  return firstOfEach([...wanted, ...fallback]).map((route) => renderRoute(route, site));
}

function routesOf(location: Site['locations'][number], upstream: string): (Route & { isImplied?: true })[] {
  const { path, match, stripPath, target } = location;
  // nginx reads a modifier from the front of a path, and `@` makes a location that no request reaches.
  if (!path.startsWith('/')) throw new UnsafeValueError(path, 'is not a path');
  const route = { path, stripPath, upstream, target };
  if (match === 'exact') return [{ ...route, modifier: '=' }];
  if (path.endsWith('/')) return [{ ...route, modifier: '' }];
  return [
    { ...route, modifier: '=', isImplied: true },
    { ...route, modifier: '', path: `${path}/`, isImplied: true },
  ];
}

/** nginx refuses two locations of one name; what the operator wrote wins over what a prefix implies. */
function firstOfEach(routes: readonly (Route & { isImplied?: true })[]): Route[] {
  const byName = new Map<string, Route & { isImplied?: true }>();
  for (const route of routes) {
    const name = `${route.modifier} ${route.path}`;
    const present = byName.get(name);
    if (present === undefined || (present.isImplied && !route.isImplied)) byName.set(name, route);
  }
  return [...byName.values()];
}

function renderRoute({ modifier, path, stripPath, upstream, target }: Route, site: Site): Directive {
  const { targetProtocol: protocol } = site;
  // With a path, nginx puts it in place of the location's; without one, the request's path travels byte for byte.
  const pass = directive('proxy_pass', `${protocol}://${upstream}${stripPath ? '/' : ''}`);
  const args = modifier === '' ? [path] : [modifier, path];
  return block(
    'location',
    args,
    protocol === 'https' ? [pass, directive('proxy_ssl_name', nameOf(target, site))] : [pass],
  );
}

/** The name for SNI; nginx sends none when it is an address. Replicas have no name in common but what clients ask for. */
function nameOf(target: Target, { domains, serviceId }: Site): string {
  if (isReplicaTarget(target)) return domains.find((domain) => !domain.startsWith('*')) ?? serviceId;
  return isContainerTarget(target) ? target.container : target.host;
}
