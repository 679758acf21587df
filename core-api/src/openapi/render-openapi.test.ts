import { describe, expect, it } from 'vitest';
import { allRoutes } from '../shared/all-routes.ts';
import { renderOpenApi } from './render-openapi.ts';

const document = renderOpenApi(allRoutes, '1.2.3');

/** The schema of a request's body or of the answer with `status`, as the document has it. */
function readSchema(path: string, method: 'get' | 'post', status?: number): { properties: Record<string, object> } {
  const operation = document.paths?.[path]?.[method];
  const holder = status === undefined ? operation?.requestBody : operation?.responses?.[status];
  return (holder as { content: { 'application/json': { schema: { properties: Record<string, object> } } } }).content[
    'application/json'
  ].schema;
}

describe('renderOpenApi', () => {
  it.each(allRoutes.map((route) => [`${route.method} ${route.path}`, route] as const))('has %s', (_, route) => {
    const operation = document.paths?.[route.path.replaceAll(/:(\w+)/g, '{$1}')]?.[route.method];
    expect(operation?.summary).toBe(route.summary);
    expect(Object.keys(operation?.responses ?? {})).toEqual([String(route.status), 'default']);
    expect(operation?.requestBody !== undefined).toBe(route.body !== undefined);
    expect(operation?.security?.length).toBe(route.access === 'public' ? 0 : 1);
  });

  it('shows a body as it is sent: defaults are optional, and what is transformed has its typed form', () => {
    const body = readSchema('/api/services', 'post') as { required?: string[]; properties: Record<string, object> };
    expect(body.required?.toSorted()).toEqual(['agentIds', 'domains', 'name', 'target']);
    expect(body.properties['domains']).toMatchObject({ type: 'array', items: { type: 'string' } });
  });

  it('shows an answer as it is received', () => {
    const answer = readSchema('/api/auth/login', 'post', 200);
    expect(answer.properties['expiresAt']).toEqual({ type: 'string', format: 'date-time' });
  });

  it('names the further forms of an answer', () => {
    const formsOf = (path: string): string[] => {
      const answer = document.paths?.[path]?.get?.responses?.[200] as { content?: object } | undefined;
      return Object.keys(answer?.content ?? {});
    };
    expect(formsOf('/api/agents/{id}/metrics')).toEqual(['application/json', 'text/csv']);
    expect(formsOf('/api/agents/{id}')).toEqual(['application/json']);
  });

  it('says how each route is entered', () => {
    expect(document.paths?.['/api/heartbeat']?.post?.security).toEqual([{ agentKey: [] }]);
    expect(document.paths?.['/api/auth/refresh']?.post?.security).toEqual([{ refreshCookie: [] }]);
    expect(document.paths?.['/api/users']?.get?.security).toEqual([{ accessToken: [] }]);
  });
});
