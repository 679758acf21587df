import { describe, expect, it } from 'vitest';
import * as contracts from '../index.ts';
import { buildPath, type RouteDefinition } from './route.ts';

function isRoute(value: unknown): value is RouteDefinition {
  return typeof value === 'object' && value !== null && 'method' in value && 'path' in value && 'access' in value;
}

const exported: unknown[] = Object.values(contracts);
const routes = exported.filter(isRoute);

describe('buildPath', () => {
  it('encodes parameters as one segment', () => {
    expect(buildPath({ path: '/api/services/:id/config' }, { id: 'a/../b?' })).toBe(
      '/api/services/a%2F..%2Fb%3F/config',
    );
  });
  it('refuses a missing parameter', () => {
    expect(() => buildPath({ path: '/api/services/:id' }, {})).toThrow('needs the parameter id');
  });
});

describe('all routes', () => {
  it('are found', () => expect(routes.length).toBeGreaterThan(30));

  it('have one definition a method and path', () => {
    const keys = routes.map((route) => `${route.method} ${route.path}`);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it.each(routes.map((route) => [`${route.method} ${route.path}`, route] as const))('%s is complete', (_, route) => {
    const named = [...route.path.matchAll(/:([A-Za-z]+)/g)].map((match) => match[1]);
    expect(Object.keys(route.params?.shape ?? {})).toEqual(named);
    expect(route.status === 204).toBe(route.response === undefined);
    expect(route.body === undefined || route.method !== 'get').toBe(true);
  });
});
