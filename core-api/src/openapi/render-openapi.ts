import { OpenApiGeneratorV31, OpenAPIRegistry, type RouteConfig } from '@asteasolutions/zod-to-openapi';
import { PROBLEM_CONTENT_TYPE, problem, type Access, type RouteDefinition } from '@flotilla/contracts';

const SECURITY: Readonly<Record<Access, RouteConfig['security']>> = {
  public: [],
  session: [{ refreshCookie: [] }],
  agent: [{ agentKey: [] }],
  viewer: [{ accessToken: [] }],
  operator: [{ accessToken: [] }],
  admin: [{ accessToken: [] }],
};

const WHO: Readonly<Record<Access, string>> = {
  public: 'Open to everybody.',
  session: 'Needs the refresh cookie, sent by one of the dashboard’s own pages.',
  agent: 'Needs an agent’s API key.',
  viewer: 'Needs a signed-in user.',
  operator: 'Needs the role operator or admin.',
  admin: 'Needs the role admin.',
};

export type OpenApiDocument = ReturnType<OpenApiGeneratorV31['generateDocument']>;

/** The OpenAPI 3.1 document of the given routes. Request bodies are shown as callers send them, before defaults. */
export function renderOpenApi(routes: readonly RouteDefinition[], version: string): OpenApiDocument {
  const registry = new OpenAPIRegistry();
  registry.registerComponent('securitySchemes', 'accessToken', { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' });
  registry.registerComponent('securitySchemes', 'agentKey', { type: 'http', scheme: 'bearer', bearerFormat: 'flk_…' });
  registry.registerComponent('securitySchemes', 'refreshCookie', {
    type: 'apiKey',
    in: 'cookie',
    name: 'flotilla_refresh',
  });
  for (const route of routes) registry.registerPath(renderRoute(route));
  return new OpenApiGeneratorV31(registry.definitions).generateDocument({
    openapi: '3.1.0',
    info: {
      title: 'Flotilla',
      version,
      description: 'REST API of the Core. Errors are problem+json (RFC 9457); `errors` names each wrong field.',
    },
  });
}

function renderRoute(route: RouteDefinition): RouteConfig {
  return {
    method: route.method,
    path: route.path.replaceAll(/:([A-Za-z]+)/g, '{$1}'),
    tags: [route.tag],
    summary: route.summary,
    description: WHO[route.access],
    security: SECURITY[route.access] ?? [],
    request: {
      ...(route.params && { params: route.params }),
      ...(route.query && { query: route.query }),
      ...(route.body && { body: { required: true, content: { 'application/json': { schema: route.body } } } }),
    },
    responses: {
      [route.status]: {
        description: 'Success',
        ...(route.response && {
          content: {
            'application/json': { schema: route.response },
            ...(route.alsoAs && { [route.alsoAs]: { schema: { type: 'string' } } }),
          },
        }),
      },
      default: { description: 'Problem', content: { [PROBLEM_CONTENT_TYPE]: { schema: problem } } },
    },
  };
}
