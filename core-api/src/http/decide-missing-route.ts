import type { RouteDefinition } from '@flotilla/contracts';
import { HttpProblem } from './problems.ts';

/** What a path that nothing answered is told: 405 with the methods that it has, or 404. */
export function decideMissingRoute(routes: readonly RouteDefinition[], method: string, path: string): HttpProblem {
  const allowed = routes.filter((route) => matches(route.path, path)).map((route) => route.method.toUpperCase());
  if (allowed.length === 0 || allowed.includes(method)) {
    return new HttpProblem({ status: 404, name: 'not-found', title: 'Not found', detail: 'There is nothing here.' });
  }
  return new HttpProblem({
    status: 405,
    name: 'method-not-allowed',
    title: 'Method not allowed',
    detail: `This path answers ${allowed.join(', ')}, not ${method}.`,
    headers: { Allow: allowed.join(', ') },
  });
}

function matches(pattern: string, path: string): boolean {
  const wanted = pattern.split('/');
  const given = path.replace(/\/$/, '').split('/');
  return (
    wanted.length === given.length &&
    wanted.every((part, index) => (part.startsWith(':') ? given[index] !== '' : part === given[index]))
  );
}
