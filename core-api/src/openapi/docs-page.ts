import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Router } from 'express';
import type { OpenApiDocument } from './render-openapi.ts';

const SCRIPT = 'openapi-explorer.min.js';

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Flotilla API</title>
    <script type="module" src="/api/docs/${SCRIPT}"></script>
  </head>
  <body>
    <openapi-explorer spec-url="/api/openapi.json" server-url="/" hide-server-selection></openapi-explorer>
  </body>
</html>
`;

/** The viewer builds style elements of its own; everything else comes from this very server. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** `/api/openapi.json`, and `/api/docs` to read it: served from the package, so that it works without the internet. */
export function docsRouter(document: OpenApiDocument): Router {
  const router = Router();
  const json = JSON.stringify(document);
  const scriptFile = findScript();
  router.get('/api/openapi.json', (_request, response) => {
    response.type('json').send(json);
  });
  router.get('/api/docs', (_request, response) => {
    response.set('Content-Security-Policy', CONTENT_SECURITY_POLICY).type('html').send(PAGE);
  });
  router.get(`/api/docs/${SCRIPT}`, (_request, response) => {
    response.set('Cache-Control', 'public, max-age=86400').sendFile(scriptFile);
  });
  return router;
}

function findScript(): string {
  const require = createRequire(import.meta.url);
  return join(dirname(require.resolve('openapi-explorer/package.json')), 'dist', 'browser', SCRIPT);
}
